import { isAscii } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** As the collector: a longer line is cut there, the rest of it passed over. */
export const MAX_LINE_BYTES = 64 * 1024;

export interface StreamLine {
  /** Without its line end (`\n` or `\r\n`). Bytes that are not UTF-8 are U+FFFD. */
  text: string;
  truncated: boolean;
}

/** The lines of a stream, plain or gzip (told by its first bytes), empty ones too, in batches. Holds one piece at a time. */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<StreamLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let isSkipping = false;
  for await (const piece of await unpacked(source)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const end = bytes.lastIndexOf(10) + 1;
    const lines = split(bytes, end, isSkipping);
    if (end > 0) isSkipping = false;
    rest = bytes.subarray(end);
    if (rest.length > MAX_LINE_BYTES + 1) {
      if (!isSkipping) lines.push({ text: rest.toString('utf8', 0, MAX_LINE_BYTES), truncated: true });
      isSkipping = true;
      rest = Buffer.alloc(0);
    }
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0 && !isSkipping) yield split(Buffer.concat([rest, Buffer.from('\n')]), rest.length + 1, false);
}

/** The lines of `bytes` up to `end`, which is behind a line end; without the first when it is the rest of a cut one. */
function split(bytes: Buffer, end: number, isFirstCut: boolean): StreamLine[] {
  const lines: StreamLine[] = [];
  const encoding = isAscii(bytes.subarray(0, end)) ? 'latin1' : 'utf8';
  let start = isFirstCut && end > 0 ? bytes.indexOf(10) + 1 : 0;
  while (start < end) {
    const newline = bytes.indexOf(10, start);
    const stop = newline > start && bytes[newline - 1] === 13 ? newline - 1 : newline;
    const truncated = stop - start > MAX_LINE_BYTES;
    lines.push({ text: bytes.toString(encoding, start, truncated ? start + MAX_LINE_BYTES : stop), truncated });
    start = newline + 1;
  }
  return lines;
}

/** The same bytes, unpacked when they begin as gzip does (RFC 1952: 1f 8b). */
async function unpacked(source: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const pieces = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let isOver = false;
  while (head.length < 2 && !isOver) {
    const { value, done } = await pieces.next();
    if (done) isOver = true;
    else head = Buffer.concat([head, value]);
  }
  const all = continued(head, pieces);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return all;
  // Failures of either reach whoever reads: pipeline destroys the last stream with them.
  return pipeline(Readable.from(all), createGunzip(), () => undefined);
}

async function* continued(head: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) return;
    yield value;
  }
}
