import { existsSync, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetwallError } from '@fleetwall/core';
import { createTableSql, TABLE_COLUMNS } from './columns.js';
import { type Database, escapeLiteral } from './database.js';
import { eventStoreError, isDamage, isInvalidated, messageOf } from './errors.js';

interface Day {
  /** Resolves when the file is attached; absent while it is not. */
  attached?: Promise<void>;
  /** Resolves when the file is detached again. */
  leaving?: Promise<void>;
  /** Resolves when the file is written anew. */
  rewriting?: Promise<void>;
  /** Uses under way; only an unused day is detached. */
  users: number;
  lastUsedMs: number;
  onUnused: (() => void)[];
}

const FILE = /^(\d{4}-\d\d-\d\d)\.duckdb$/;
/** With its write-ahead log, and a number where there is more than one. */
const ASIDE = /^(\d{4}-\d\d-\d\d)\.duckdb\.damaged/;
/**
 * More are attached only while all of these are in use. The usual retention and the days around it: a search of 30 days that
 * attaches each anew costs three times as much.
 */
const MAX_ATTACHED = 34;
const IDLE_MS = 60_000;

/**
 * The files of the store, `2026-11-22.duckdb`, one per event day. A day is attached when it is used and detached when it
 * was idle for a minute or others need the room. A day that cannot be read is renamed to `….damaged` and told of.
 */
export class DayFiles {
  readonly #directory: string;
  readonly #database: Database;
  readonly #onDamaged: (day: string, error: FleetwallError) => void;
  readonly #days = new Map<string, Day>();
  readonly #goingAside = new Set<string>();
  /** Days on their way out (dropped or set aside); a new file of that name waits for it. */
  readonly #leavers = new Map<string, Promise<void>>();
  readonly #idleTimer: NodeJS.Timeout;
  /** ATTACH, DETACH and renaming happen one after the other. */
  #chain: Promise<unknown> = Promise.resolve();

  constructor(directory: string, database: Database, onDamaged: (day: string, error: FleetwallError) => void) {
    this.#directory = directory;
    this.#database = database;
    this.#onDamaged = onDamaged;
    for (const name of readdirSync(directory)) {
      const day = FILE.exec(name)?.[1];
      if (day) this.#days.set(day, newDay());
      // Left by a crash while a day was made, or written anew: nothing is stored in it alone.
      else if (name.startsWith('new-')) rmSync(join(directory, name), { force: true });
    }
    this.#idleTimer = setInterval(() => this.#detachIdle(Date.now() - IDLE_MS), IDLE_MS / 4).unref();
  }

  /** Days that have a file, oldest first. */
  days(): string[] {
    return [...this.#days.keys()].sort();
  }

  /** Days that had a file which could not be read, and lies aside; they may have another one by now. */
  damaged(): string[] {
    const aside = readdirSync(this.#directory).flatMap((name) => ASIDE.exec(name)?.[1] ?? []);
    return [...new Set([...aside, ...this.#goingAside])].sort();
  }

  has(day: string): boolean {
    return this.#days.has(day);
  }

  /**
   * Runs the work with the name under which the day is attached. Answers undefined when the day has no file, or has none
   * any more because it is damaged.
   */
  async use<T>(name: string, work: (catalog: string) => Promise<T>): Promise<T | undefined> {
    await this.#rewritten(name);
    const day = this.#days.get(name);
    if (!day) return undefined;
    day.users++;
    try {
      day.attached ??= this.#attach(name, day);
      await day.attached;
      return await work(catalogOf(name));
    } catch (error) {
      if (isInvalidated(error)) void this.#reattachLater(name, day);
      if (!isDamage(error)) throw error;
      // Several users may find it out; the first sets it aside.
      if (this.#days.get(name) === day) this.#leave(name, () => this.#setAside(name, day, error)).catch(() => {});
      return undefined;
    } finally {
      day.lastUsedMs = Date.now();
      this.#release(day);
    }
  }

  /** Makes the file of a day that has none. It appears under its name only when its table is durable. */
  async create(name: string): Promise<void> {
    await this.#leavers.get(name)?.catch(() => {});
    await this.#serialised(async () => {
      if (this.#days.has(name)) return;
      const temporary = await this.#make(name);
      await rename(temporary, this.#fileOf(name));
      await this.#syncDirectory();
      this.#days.set(name, newDay());
    });
  }

  /** Deletes a day, with what was set aside of it; uses under way finish first. */
  async drop(name: string): Promise<void> {
    await this.#rewritten(name);
    await this.#dropDamaged(name);
    const day = this.#days.get(name);
    if (!day) return;
    await this.#leave(name, async () => {
      await this.#unused(day);
      await this.#detach(name, day);
      await rm(this.#fileOf(name), { force: true });
      await rm(`${this.#fileOf(name)}.wal`, { force: true });
      await this.#syncDirectory();
    });
  }

  async #dropDamaged(name: string): Promise<void> {
    await this.#leavers.get(name)?.catch(() => {});
    for (const file of readdirSync(this.#directory)) {
      if (ASIDE.exec(file)?.[1] === name) await rm(join(this.#directory, file), { force: true });
    }
  }

  /**
   * Writes a day anew: `copy` fills the empty table of the second catalog from the first. Uses under way finish first, later
   * ones wait. After a crash there is the old file or the new one, whole.
   */
  async rewrite(name: string, copy: (from: string, to: string) => Promise<void>): Promise<void> {
    await this.#rewritten(name);
    const day = this.#days.get(name);
    if (!day) return;
    const rewriting = this.#rewrite(name, day, copy).finally(() => delete day.rewriting);
    day.rewriting = rewriting.catch(() => undefined);
    await rewriting;
  }

  async #rewritten(name: string): Promise<void> {
    for (let day = this.#days.get(name); day?.rewriting; day = this.#days.get(name)) await day.rewriting;
  }

  async #rewrite(name: string, day: Day, copy: (from: string, to: string) => Promise<void>): Promise<void> {
    await this.#unused(day);
    // In use, it is not detached for others.
    day.users++;
    try {
      day.attached ??= this.#attach(name, day);
      await day.attached;
      const temporary = await this.#serialised(() => this.#make(name, (to) => copy(catalogOf(name), to)));
      // Detached, its own log is empty and gone.
      await this.#detach(name, day);
      await rename(temporary, this.#fileOf(name));
      await rm(`${this.#fileOf(name)}.wal`, { force: true });
      await this.#syncDirectory();
    } finally {
      this.#release(day);
    }
  }

  /** A durable file with the table and what `fill` puts into it, under another name than the day's. */
  async #make(name: string, fill?: (catalog: string) => Promise<void>): Promise<string> {
    const { admin } = this.#database;
    const temporary = join(this.#directory, `new-${name}.duckdb`);
    await rm(temporary, { force: true });
    await admin.run(attachSql(temporary, 'new_day'));
    try {
      await admin.run(createTableSql('new_day'));
      await fill?.('new_day');
      await admin.run('CHECKPOINT new_day');
    } finally {
      await admin.run('DETACH new_day');
    }
    return temporary;
  }

  /** Detaches everything, which also moves the write-ahead logs into the files. */
  async close(): Promise<void> {
    clearInterval(this.#idleTimer);
    for (const [name, day] of this.#days) {
      await this.#unused(day);
      // What a full disk keeps out of the file stays in its log until the next start.
      await this.#detach(name, day).catch(() => {});
    }
    await Promise.allSettled(this.#leavers.values());
    await this.#chain;
  }

  #leave(name: string, work: () => Promise<void>): Promise<void> {
    this.#days.delete(name);
    const leaving = work().finally(() => this.#leavers.delete(name));
    this.#leavers.set(name, leaving);
    return leaving;
  }

  async #attach(name: string, day: Day): Promise<void> {
    // A detach that failed (no space for its checkpoint) is no reason not to try again.
    await day.leaving?.catch(() => {});
    await this.#makeRoom();
    try {
      await this.#serialised(async () => {
        await this.#database.admin.run(attachSql(this.#fileOf(name), catalogOf(name)));
        await this.#checkLayout(name);
      });
    } catch (error) {
      delete day.attached;
      throw error;
    }
  }

  async #checkLayout(name: string): Promise<void> {
    const { admin } = this.#database;
    try {
      const found = await admin.runAndReadAll(`SELECT * FROM ${catalogOf(name)}.events LIMIT 0`);
      const columns = found.columnNames().join();
      if (columns === TABLE_COLUMNS.map((column) => column.name).join()) return;
      throw eventStoreError('EVENT_STORE_DAY_LAYOUT', { day: name, columns });
    } catch (error) {
      await admin.run(`DETACH ${catalogOf(name)}`);
      throw error;
    }
  }

  async #detach(name: string, day: Day): Promise<void> {
    if (!day.attached) return;
    delete day.attached;
    day.leaving = this.#serialised(async () => {
      await this.#database.admin.run(`DETACH DATABASE IF EXISTS ${catalogOf(name)}`);
    });
    await day.leaving;
  }

  async #makeRoom(): Promise<void> {
    const attached = [...this.#days].filter(([, day]) => day.attached);
    const unused = attached.filter(([, day]) => day.users === 0).sort((a, b) => a[1].lastUsedMs - b[1].lastUsedMs);
    const excess = attached.length - MAX_ATTACHED;
    for (const [name, day] of unused.slice(0, Math.max(0, excess))) await this.#detach(name, day);
  }

  #detachIdle(beforeMs: number): void {
    for (const [name, day] of this.#days) {
      // A failure shows when the day is used next.
      if (day.users === 0 && day.lastUsedMs < beforeMs) this.#detach(name, day).catch(() => {});
    }
  }

  async #reattachLater(name: string, day: Day): Promise<void> {
    await this.#unused(day);
    // A failure shows when the day is used next.
    await this.#detach(name, day).catch(() => {});
  }

  async #setAside(name: string, day: Day, cause: unknown): Promise<void> {
    this.#goingAside.add(name);
    await this.#unused(day);
    await this.#detach(name, day).catch(() => {});
    const file = this.#fileOf(name);
    let aside = `${file}.damaged`;
    for (let i = 2; existsSync(aside); i++) aside = `${file}.damaged-${i}`;
    await rename(file, aside);
    await rename(`${file}.wal`, `${aside}.wal`).catch(() => {});
    this.#goingAside.delete(name);
    const details = { day: name, reason: messageOf(cause).slice(0, 200), file: aside };
    this.#onDamaged(name, eventStoreError('EVENT_STORE_DAY_DAMAGED', details, { cause }));
  }

  #release(day: Day): void {
    if (--day.users === 0) for (const told of day.onUnused.splice(0)) told();
  }

  async #unused(day: Day): Promise<void> {
    while (day.users > 0) await new Promise<void>((resolve) => day.onUnused.push(resolve));
  }

  #serialised<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#chain.then(work);
    this.#chain = result.catch(() => {});
    return result;
  }

  async #syncDirectory(): Promise<void> {
    // Windows cannot open a directory, and needs no such call.
    if (process.platform === 'win32') return;
    const handle = await open(this.#directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #fileOf(name: string): string {
    return join(this.#directory, `${name}.duckdb`);
  }
}

function newDay(): Day {
  return { users: 0, lastUsedMs: Date.now(), onUnused: [] };
}

/** Days come from file names or times, never from outside; digits only. */
function catalogOf(day: string): string {
  return `d${day.replaceAll('-', '')}`;
}

/** The version of the file format is the first whose zstd columns are read back by every later DuckDB. */
function attachSql(file: string, catalog: string): string {
  return `ATTACH '${escapeLiteral(file)}' AS ${catalog} (STORAGE_VERSION 'v1.4.0')`;
}
