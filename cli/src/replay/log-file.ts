import { isAscii } from 'node:buffer';
import { closeSync, createReadStream, openSync, type ReadStream, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { type FileKind, kindOf } from './file-kind.js';
import type { ReplayFile } from './replay-file.js';

const CHUNK_BYTES = 1 << 16;
/** As the collector: a longer line is cut there, the rest of it passed over. */
const MAX_LINE_BYTES = 64 * 1024;
const LINE_FEED = 10;

export type LineFileKind = Exclude<FileKind, 'evtx' | 'xml'>;

/**
 * Some whole lines of a file, until the next chunk is asked for: the bytes are then overwritten. {@link next} goes from line
 * to line; a line is looked at where it stands, because a text of its own for each would cost more than looking at it.
 */
export class LineChunk {
  /** Where the line begins and ends, without its line end. */
  start = 0;
  end = 0;
  /** Whether the line goes on behind `end`. */
  isCut = false;
  readonly #end: number;
  readonly #endsCut: boolean;
  #isAscii: boolean | undefined;
  #next: number;

  /**
   * @param fileOffset uncompressed offset of `bytes[0]` in the file
   * @param from where the first line begins
   * @param to where the last line ends, behind its line feed
   * @param endsCut whether the last line went on there
   */
  constructor(
    readonly bytes: Buffer,
    readonly fileOffset: number,
    from: number,
    to: number,
    endsCut = false,
  ) {
    this.#next = from;
    this.#end = to;
    this.#endsCut = endsCut;
  }

  /** Goes to the next line that is not empty; false when there is none. */
  next(): boolean {
    const { bytes } = this;
    while (this.#next < this.#end) {
      const start = this.#next;
      const feed = bytes.indexOf(LINE_FEED, start);
      const stop = feed > start && bytes[feed - 1] === 13 ? feed - 1 : feed;
      this.#next = feed + 1;
      if (stop === start) continue;
      this.start = start;
      this.end = Math.min(stop, start + MAX_LINE_BYTES);
      this.isCut = this.end < stop || (this.#endsCut && this.#next === this.#end);
      return true;
    }
    return false;
  }

  /** Offset of the line in the file. */
  get offset(): number {
    return this.fileOffset + this.start;
  }

  /** The line, a text of its own, so that one kept does not keep the chunk. */
  line(): string {
    const { bytes, start, end } = this;
    this.#isAscii ??= isAscii(bytes.subarray(0, this.#end));
    return this.#isAscii ? bytes.toString('latin1', start, end) : bytes.toString('utf8', start, end);
  }
}

/** A log file, plain, gzip or UTF-16, read in chunks of whole lines. Offsets are those of its unpacked text, as UTF-8. */
export class LogFile implements ReplayFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly kind: LineFileKind;
  readBytes = 0;

  /** @param kind told by the first bytes when absent */
  constructor(path: string, kind?: LineFileKind) {
    this.path = path;
    const { size, mtimeMs } = statSync(path);
    this.sizeBytes = size;
    this.modifiedMs = mtimeMs;
    this.kind = kind ?? (kindOf(path) === 'gzip' ? 'gzip' : 'text');
  }

  /** Throws what the file system or zlib throws, with the file's `path`. */
  async *chunks(): AsyncGenerator<LineChunk> {
    try {
      yield* this.#chunks();
    } catch (error) {
      throw Object.assign(error as Error, { path: this.path });
    }
  }

  async *#chunks(): AsyncGenerator<LineChunk> {
    // A rest that is no whole line, the next piece, and a line feed where the file ends without one.
    const buffer = Buffer.allocUnsafeSlow(MAX_LINE_BYTES + CHUNK_BYTES + 1);
    let rest = 0;
    let offset = 0;
    let isSkipping = false;
    for await (const piece of this.#pieces()) {
      const length = rest + piece.copy(buffer, rest);
      const end = buffer.subarray(0, length).lastIndexOf(LINE_FEED) + 1;
      if (end > 0) {
        yield new LineChunk(buffer, offset, isSkipping ? buffer.indexOf(LINE_FEED) + 1 : 0, end);
        isSkipping = false;
      }
      buffer.copyWithin(0, end, length);
      rest = length - end;
      offset += end;
      if (rest <= MAX_LINE_BYTES) continue;
      if (!isSkipping) yield singleLine(buffer, MAX_LINE_BYTES, offset, true);
      isSkipping = true;
      offset += rest;
      rest = 0;
    }
    if (rest > 0 && !isSkipping) yield singleLine(buffer, rest, offset, false);
  }

  /** The bytes as they come, at most `CHUNK_BYTES` at a time, each good until the next. */
  async *#pieces(): AsyncGenerator<Buffer> {
    if (this.kind !== 'text') {
      yield* this.#unpackedPieces();
      return;
    }
    const file = await open(this.path);
    try {
      yield* this.#plainPieces(file);
    } finally {
      await file.close();
    }
  }

  async *#unpackedPieces(): AsyncGenerator<Buffer> {
    const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES >> 1 });
    try {
      for await (const piece of this.kind === 'gzip' ? unpacked(file) : utf8FromUtf16(file)) {
        this.readBytes = file.bytesRead;
        yield piece;
      }
    } finally {
      // Whoever wants no more than the beginning leaves the rest unread, and with it the descriptor open.
      file.destroy();
    }
  }

  async *#plainPieces(file: FileHandle): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      this.readBytes += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** The line at each of the offsets, by offset. One more pass for what is not plain. */
  async linesAt(offsets: readonly number[]): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    if (offsets.length === 0) return found;
    if (this.kind === 'text') {
      const fd = openSync(this.path, 'r');
      const buffer = Buffer.alloc(MAX_LINE_BYTES);
      for (const offset of offsets) found.set(offset, lineAt(fd, offset, buffer));
      closeSync(fd);
      return found;
    }
    const wanted = new Set(offsets);
    for await (const chunk of this.chunks()) {
      while (chunk.next()) if (wanted.has(chunk.offset)) found.set(chunk.offset, chunk.line());
      if (found.size === wanted.size) break;
    }
    return found;
  }
}

/** A line without its line feed: the last one, or one that is cut. What follows it in the buffer is no longer needed. */
function singleLine(buffer: Buffer, length: number, fileOffset: number, isCut: boolean): LineChunk {
  buffer[length] = LINE_FEED;
  return new LineChunk(buffer, fileOffset, 0, length + 1, isCut);
}

/** Most lines are short: reading the most that one may have would cost many times as much. */
function lineAt(fd: number, offset: number, buffer: Buffer): string {
  for (let want = 1024; ; want = MAX_LINE_BYTES) {
    const length = readSync(fd, buffer, 0, want, offset);
    const end = buffer.subarray(0, length).indexOf(LINE_FEED);
    if (end < 0 && want < MAX_LINE_BYTES && length === want) continue;
    return lineText(buffer, 0, end < 0 ? length : end);
  }
}

function lineText(buffer: Buffer, start: number, end: number): string {
  const stop = end > start && buffer[end - 1] === 13 ? end - 1 : end;
  return buffer.toString('utf8', start, stop);
}

function unpacked(file: ReadStream): AsyncIterable<Buffer> {
  const gunzip = file.pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  file.on('error', (error) => gunzip.destroy(error));
  return gunzip;
}

/** A piece of UTF-16 text is at most half as long again in UTF-8. */
export async function* utf8FromUtf16(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  for await (const piece of pieces) {
    decoder ??= new TextDecoder(piece[0] === 0xfe ? 'utf-16be' : 'utf-16le');
    yield Buffer.from(decoder.decode(piece, { stream: true }));
  }
  yield Buffer.from(decoder?.decode() ?? '');
}
