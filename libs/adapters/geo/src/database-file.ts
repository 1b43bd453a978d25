import { readFile, stat } from 'node:fs/promises';
import type { FleetwallError } from '@fleetwall/core';
import { geoError } from './errors.js';
import type { MmdbTable } from './mmdb-table.js';
import { mmdbOf } from './shipped.js';

/**
 * A database that an operator supplies and renews as they like. It is taken up when it is whole; while it is not, the one from
 * before stays in use.
 */
export class DatabaseFile {
  /** The last one that was whole; absent until there was one. */
  table: MmdbTable | undefined;
  readonly path: string;
  /** Of the file that was judged last, and of the one seen last. */
  #judged = '';
  #seen = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Reads the file for the first time. Answers why it cannot be used. */
  open(): Promise<FleetwallError | undefined> {
    return this.#judge();
  }

  /**
   * Looks whether the file has changed. What is written at this moment waits for the next look: only one that is as before
   * is read. Answers true for a new table, an error once for each change that cannot be used, and else nothing.
   */
  async look(): Promise<true | FleetwallError | undefined> {
    const state = await stateOf(this.path);
    const isSettled = state === this.#seen;
    this.#seen = state;
    if (!isSettled || state === this.#judged) return undefined;
    return (await this.#judge()) ?? true;
  }

  async #judge(): Promise<FleetwallError | undefined> {
    const state = await stateOf(this.path);
    this.#judged = state;
    this.#seen = state;
    try {
      this.table = mmdbOf({ path: this.path, bytes: await bytesOf(this.path) });
      return undefined;
    } catch (error) {
      return error as FleetwallError;
    }
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw geoError('GEO_FILE_UNREADABLE', { path, reason: (error as Error).message }, { cause: error });
  }
}

/** What changes when the file does. */
async function stateOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
