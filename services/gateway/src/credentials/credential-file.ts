import { readFile } from 'node:fs/promises';
import { FleetwallError } from '@fleetwall/core';
import { gatewayError } from '../errors.js';
import { WatchedFiles } from '../watched-files.js';
import { readCredentialRows } from './credential-rows.js';
import { type Credential, CredentialSet, type Credentials } from './credentials.js';

export interface CredentialFileOptions {
  path: string;
  /** How often the file is looked at; 2,000 when absent. */
  everyMs?: number;
  /** Told what came of each reading. */
  onRead: (result: { credentials: number; repeated: string[] }) => void;
  /** Told why a file was not taken; the credentials before it go on. */
  onError: (error: FleetwallError) => void;
}

/** Credentials in a YAML file, read again whenever it changes. */
export class CredentialFile implements Credentials {
  readonly #options: CredentialFileOptions;
  readonly #listeners = new Set<() => void>();
  #set = new CredentialSet([]);
  #watch: WatchedFiles | undefined;

  /** A file that is missing or wrong is told of, and nobody can connect until it is there. */
  static async open(options: CredentialFileOptions): Promise<CredentialFile> {
    const file = new CredentialFile(options);
    file.#watch = await WatchedFiles.open([options.path], options.everyMs ?? 2_000, () => file.#read());
    await file.#read();
    return file;
  }

  private constructor(options: CredentialFileOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#set.size;
  }

  find(token: string): Credential | undefined {
    return this.#set.find(token);
  }

  holds(credential: Credential): boolean {
    return this.#set.holds(credential);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  async #read(): Promise<void> {
    const { path, onRead, onError } = this.#options;
    try {
      const { rows, repeated } = readCredentialRows(await readFile(path, 'utf8'), path);
      this.#set = new CredentialSet(rows);
      onRead({ credentials: rows.length, repeated });
      for (const listener of this.#listeners) listener();
    } catch (error) {
      const isRow = error instanceof FleetwallError;
      const reason = (error as Error).message;
      onError(isRow ? error : gatewayError('CREDENTIALS_UNREADABLE', { path, reason }, { cause: error }));
    }
  }
}
