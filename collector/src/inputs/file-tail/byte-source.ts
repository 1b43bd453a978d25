import { type BigIntStats, close, constants, createReadStream, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';

const PIECE_BYTES = 256 * 1024;

const fdOpen = promisify(open);
const fdClose = promisify(close);
const fdStat = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;

/** The uncompressed bytes of a file by offset. */
export interface ByteSource {
  /** Fills `target` from `position` on, and answers with how many bytes there were: fewer than asked only at the end. */
  read(target: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A plain file. */
export class FileSource implements ByteSource {
  private constructor(
    private readonly fd: number,
    readonly stat: BigIntStats,
  ) {}

  /** Never waits for a writer (a FIFO opens at once) and never takes a terminal; the caller looks at `stat`. */
  static async open(path: string): Promise<FileSource> {
    const fd = await fdOpen(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
    try {
      return new FileSource(fd, await fdStat(fd, { bigint: true }));
    } catch (error) {
      await fdClose(fd);
      throw error;
    }
  }

  read(target: Buffer, position: number): Promise<number> {
    if (target.length === 0) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      read(this.fd, target, 0, target.length, position, (error, bytesRead) => {
        if (error) reject(error);
        else resolve(bytesRead);
      });
    });
  }

  async close(): Promise<void> {
    await fdClose(this.fd);
  }
}

/**
 * A gzip file, read forward; going back begins again at the start. Several members behind each other are one stream.
 * Holds at most what was last asked for and one piece of the decompressor.
 */
export class GzipSource implements ByteSource {
  private pieces: AsyncIterator<Buffer> | undefined;
  private release: () => void = () => {};
  private held: Buffer = Buffer.alloc(0);
  private heldFrom = 0;

  constructor(private readonly path: string) {}

  async read(target: Buffer, position: number): Promise<number> {
    if (this.pieces === undefined || position < this.heldFrom) this.begin();
    while (this.heldFrom + this.held.length < position + target.length) {
      const { value, done } = await this.pieces!.next();
      if (done) break;
      this.dropBefore(position);
      this.held = this.held.length === 0 ? value : Buffer.concat([this.held, value]);
    }
    this.dropBefore(position);
    return this.heldFrom === position ? this.held.copy(target, 0) : 0;
  }

  async close(): Promise<void> {
    this.release();
    this.release = () => {};
    this.pieces = undefined;
  }

  private begin(): void {
    this.release();
    const file = createReadStream(this.path);
    const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
    // The iterator hears of errors only while it is asked; one in between must not end the process.
    gunzip.on('error', () => {});
    file.on('error', (error) => gunzip.destroy(error));
    file.pipe(gunzip);
    this.release = () => {
      file.destroy();
      gunzip.destroy();
    };
    this.pieces = gunzip[Symbol.asyncIterator]();
    this.held = Buffer.alloc(0);
    this.heldFrom = 0;
  }

  private dropBefore(position: number): void {
    const drop = Math.min(position - this.heldFrom, this.held.length);
    if (drop <= 0) return;
    this.held = this.held.subarray(drop);
    this.heldFrom += drop;
  }
}
