import { isAscii } from 'node:buffer';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;
/** As the collector: a longer line is cut there, the rest of it passed over. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * Some whole lines of a file. {@link next} goes from line to line; a line is looked at where it stands, because a text of
 * its own for each would cost more than looking at it.
 */
export class LineChunk {
  /** The lines as Latin-1, whatever they are: offsets in it are those in `bytes`. */
  readonly text: string;
  /** Where the line begins and ends, without its line end. */
  start = 0;
  end = 0;
  /** Whether the line goes on behind `end`. */
  isCut = false;
  readonly #isAscii: boolean;
  readonly #end: number;
  readonly #endsCut: boolean;
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
    this.text = bytes.toString('latin1', 0, to);
    this.#isAscii = isAscii(bytes.subarray(0, to));
    this.#next = from;
    this.#end = to;
    this.#endsCut = endsCut;
  }

  /** Goes to the next line that is not empty; false when there is none. */
  next(): boolean {
    while (this.#next < this.#end) {
      const start = this.#next;
      const feed = this.text.indexOf('\n', start);
      const stop = feed > start && this.bytes[feed - 1] === 13 ? feed - 1 : feed;
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
    return this.#isAscii ? bytes.toString('latin1', start, end) : bytes.toString('utf8', start, end);
  }
}

/** A log file, plain or gzip (told by its first bytes), read in chunks of whole lines. */
export class LogFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly gzip: boolean;
  /** Bytes of the file itself (compressed ones of a gzip file) read so far. */
  readBytes = 0;

  constructor(path: string) {
    this.path = path;
    const { size, mtimeMs } = statSync(path);
    this.sizeBytes = size;
    this.modifiedMs = mtimeMs;
    this.gzip = startsAsGzip(path);
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
    const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
    const source = this.gzip ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
    if (this.gzip) file.on('error', (error) => source.destroy(error));
    let rest: Buffer = Buffer.alloc(0);
    let restOffset = 0;
    let isSkipping = false;
    for await (const data of source as AsyncIterable<Buffer>) {
      this.readBytes = file.bytesRead;
      const buffer = rest.length > 0 ? Buffer.concat([rest, data]) : data;
      const end = buffer.lastIndexOf(10) + 1;
      if (end > 0) {
        yield new LineChunk(buffer, restOffset, isSkipping ? buffer.indexOf(10) + 1 : 0, end);
        isSkipping = false;
      }
      rest = buffer.subarray(end);
      restOffset += end;
      if (rest.length <= MAX_LINE_BYTES) continue;
      if (!isSkipping) {
        yield singleLine(rest.subarray(0, MAX_LINE_BYTES), restOffset, true);
      }
      isSkipping = true;
      restOffset += rest.length;
      rest = Buffer.alloc(0);
    }
    if (rest.length > 0 && !isSkipping) yield singleLine(rest, restOffset, false);
  }

  /** The line at each of the offsets, by offset. One more pass for a gzip file. */
  async linesAt(offsets: readonly number[]): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    if (offsets.length === 0) return found;
    if (!this.gzip) {
      const fd = openSync(this.path, 'r');
      const buffer = Buffer.alloc(MAX_LINE_BYTES);
      for (const offset of offsets) {
        const length = readSync(fd, buffer, 0, MAX_LINE_BYTES, offset);
        const end = buffer.subarray(0, length).indexOf(10);
        found.set(offset, lineText(buffer, 0, end < 0 ? length : end));
      }
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

/** A line without its line feed: the last one, or one that is cut. */
function singleLine(bytes: Buffer, fileOffset: number, isCut: boolean): LineChunk {
  return new LineChunk(Buffer.concat([bytes, LINE_FEED]), fileOffset, 0, bytes.length + 1, isCut);
}

const LINE_FEED = Buffer.from('\n');

function lineText(buffer: Buffer, start: number, end: number): string {
  const stop = end > start && buffer[end - 1] === 13 ? end - 1 : end;
  return buffer.toString('utf8', start, stop);
}

function startsAsGzip(path: string): boolean {
  const fd = openSync(path, 'r');
  const head = Buffer.alloc(2);
  readSync(fd, head, 0, 2, 0);
  closeSync(fd);
  return head[0] === 0x1f && head[1] === 0x8b;
}
