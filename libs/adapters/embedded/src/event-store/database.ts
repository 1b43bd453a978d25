import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { asStoreError, eventStoreError, isDamage, messageOf } from './errors.js';

export interface DatabaseOptions {
  directory: string;
  /** Buffers of DuckDB, in MB; the process itself needs more. */
  memoryLimitMb: number;
  threads: number;
  /** A single read that takes longer is interrupted, milliseconds. */
  queryTimeoutMs: number;
}

/** Two reads at a time: each already uses all of DuckDB's threads, and they hold threads of Node's pool meanwhile. */
const READERS = 2;
const INTERRUPT_AGAIN_MS = 20;

/** Directories open in this process: the lock of the file system does not hold against oneself. */
const openDirectories = new Set<string>();

/**
 * One DuckDB instance over the directory, with a connection to write, one to attach and detach, and a few to read. Its
 * own file `store.duckdb` is empty and there for its lock: it keeps other processes out, and the system lets go of it
 * when the process dies.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #instance!: DuckDBInstance;
  #admin!: DuckDBConnection;
  #writer!: DuckDBConnection;
  #idleReaders: DuckDBConnection[] = [];
  #waiting: ((reader: DuckDBConnection | undefined) => void)[] = [];
  #busyReaders = new Set<DuckDBConnection>();
  #closed = false;

  private constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Fails with EVENT_STORE_LOCKED while another process, or another store of this one, has the directory open. */
  static async open(options: DatabaseOptions): Promise<Database> {
    if (openDirectories.has(options.directory)) {
      throw eventStoreError('EVENT_STORE_LOCKED', { directory: options.directory });
    }
    openDirectories.add(options.directory);
    try {
      const database = new Database(options);
      await database.#connect();
      return database;
    } catch (error) {
      openDirectories.delete(options.directory);
      throw error;
    }
  }

  async #connect(): Promise<void> {
    this.#instance = await openInstance(this.#options);
    this.#admin = await this.#instance.connect();
    this.#writer = await this.#instance.connect();
    this.#idleReaders = [];
    for (let i = 0; i < READERS; i++) this.#idleReaders.push(await this.#instance.connect());
    for (const setting of [
      `SET temp_directory = '${escapeLiteral(join(this.#options.directory, 'temp'))}'`,
      `SET max_temp_directory_size = '2GB'`,
      `SET preserve_insertion_order = false`,
      // Give freed memory back early; the default keeps hundreds of MB resident.
      `SET allocator_flush_threshold = '16MB'`,
      `SET allocator_bulk_deallocation_flush_threshold = '16MB'`,
      `SET autoinstall_known_extensions = false`,
      `SET autoload_known_extensions = false`,
    ]) {
      await this.#admin.run(setting);
    }
  }

  /** For ATTACH, DETACH and CHECKPOINT. */
  get admin(): DuckDBConnection {
    return this.#admin;
  }

  /** For the one writer; it takes care itself that nothing overlaps. */
  get writer(): DuckDBConnection {
    return this.#writer;
  }

  /**
   * Runs one read, at most a few at a time in order of asking. Fails with EVENT_STORE_TIMEOUT, with EVENT_STORE_CLOSED
   * when the signal aborts it or the store closes, else with EVENT_STORE_FAILED.
   */
  async read<T>(work: (reader: Reader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#takeReader();
    const { queryTimeoutMs } = this.#options;
    let stopped: 'timeout' | 'cancelled' | undefined;
    let again: NodeJS.Timeout | undefined;
    const stop = (why: 'timeout' | 'cancelled') => {
      stopped ??= why;
      connection.interrupt();
      // Between statements an interrupt is lost.
      again ??= setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
    };
    const timer = setTimeout(() => stop('timeout'), queryTimeoutMs);
    const onAbort = () => stop('cancelled');
    signal?.addEventListener('abort', onAbort);
    const fail = () =>
      stopped === 'timeout'
        ? eventStoreError('EVENT_STORE_TIMEOUT', { timeoutMs: queryTimeoutMs })
        : eventStoreError('EVENT_STORE_CLOSED');
    try {
      return await work(
        new Reader(connection, () => {
          if (this.#closed || signal?.aborted) stopped ??= 'cancelled';
          if (stopped) throw fail();
        }),
      );
    } catch (error) {
      throw stopped || this.#closed ? fail() : asStoreError(error);
    } finally {
      clearTimeout(timer);
      clearInterval(again);
      signal?.removeEventListener('abort', onAbort);
      this.#giveBack(connection);
    }
  }

  async #takeReader(): Promise<DuckDBConnection> {
    if (this.#closed) throw eventStoreError('EVENT_STORE_CLOSED');
    const connection =
      this.#idleReaders.pop() ??
      (await new Promise<DuckDBConnection | undefined>((resolve) => this.#waiting.push(resolve)));
    if (!connection) throw eventStoreError('EVENT_STORE_CLOSED');
    this.#busyReaders.add(connection);
    return connection;
  }

  #giveBack(connection: DuckDBConnection): void {
    this.#busyReaders.delete(connection);
    const next = this.#waiting.shift();
    if (next) next(connection);
    else this.#idleReaders.push(connection);
  }

  /** Interrupts reads under way and lets nobody read any more. */
  async stopReads(): Promise<void> {
    this.#closed = true;
    for (const next of this.#waiting.splice(0)) next(undefined);
    while (this.#busyReaders.size > 0) {
      for (const connection of this.#busyReaders) connection.interrupt();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets go of the files and the lock; reads and writes must be over. */
  close(): void {
    for (const connection of [...this.#idleReaders, this.#writer, this.#admin]) connection.closeSync();
    this.#instance.closeSync();
    openDirectories.delete(this.#options.directory);
  }
}

/** What a read may do: run statements one after the other, each only while nobody has cancelled it. */
export class Reader {
  readonly #connection: DuckDBConnection;
  readonly #check: () => void;

  constructor(connection: DuckDBConnection, check: () => void) {
    this.#connection = connection;
    this.#check = check;
  }

  async rows(sql: string, values: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    this.#check();
    const result = await this.#connection.runAndReadAll(sql, values);
    this.#check();
    return result.getRows();
  }
}

async function openInstance(options: DatabaseOptions): Promise<DuckDBInstance> {
  const file = join(options.directory, 'store.duckdb');
  const open = () =>
    DuckDBInstance.create(file, { threads: String(options.threads), memory_limit: `${options.memoryLimitMb}MB` });
  try {
    return await open();
  } catch (error) {
    if (messageOf(error).includes('Could not set lock')) {
      throw eventStoreError('EVENT_STORE_LOCKED', { directory: options.directory }, { cause: error });
    }
    if (!isDamage(error)) throw asStoreError(error);
    // It holds nothing: a damaged one is replaced.
    rmSync(file, { force: true });
    rmSync(`${file}.wal`, { force: true });
    return await open();
  }
}

/** Doubles the quotes of a text for use between single quotes in SQL, where no parameter is allowed (paths). */
export function escapeLiteral(text: string): string {
  return text.replaceAll("'", "''");
}
