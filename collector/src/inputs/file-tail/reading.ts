import type { RawLine } from '../input.js';
import { HEAD_BYTES, linesOf } from '../line-ids.js';
import type { ByteSource } from './byte-source.js';
import { directivesBefore, lastDirectives } from './directives.js';
import type { Generation } from './generation.js';

/** Read in one turn of a lane. */
export const TURN_BYTES = 256 * 1024;

export interface Piece {
  lines: RawLine[];
  /** Bytes the generation moved on by. */
  consumed: number;
  /** The end of the file was reached. */
  atEnd: boolean;
}

export interface ReadOptions {
  maxLineBytes: number;
  /** The end is final: an unfinished line is one. */
  final: boolean;
  readMs: number;
}

/**
 * Reads on in a generation, at most one `buffer`, and moves it on. One read brings the bytes before the offset too: when
 * they are not those that were there (fewer of them, or others), the file is another one now, and the answer is `rewritten`.
 *
 * An unfinished last line is read again next time, so that nothing is kept in memory between turns.
 */
export async function readPiece(
  generation: Generation,
  source: ByteSource,
  buffer: Buffer,
  options: ReadOptions,
): Promise<Piece | 'rewritten'> {
  const before = generation.tail.length;
  const start = generation.offset;
  const read = await source.read(buffer, start - before);
  if (read < before || !generation.continuesAfter(buffer.subarray(0, before))) return 'rewritten';
  const atEnd = read < buffer.length;
  const final = options.final && atEnd;
  const bytes = buffer.subarray(before, read);
  if (bytes.length === 0) return { lines: [], consumed: 0, atEnd };

  if (generation.streamId === undefined || generation.head.length < HEAD_BYTES) {
    generation.learnHead(await beginning(source, buffer.subarray(0, read), start - before), final);
  }
  const directives = generation.directives ?? (await directivesBefore(source, start));
  // Half a character, where reading begins somewhere in the file.
  const half = generation.isUtf16 ? start % 2 : 0;
  const { lines, consumed } = linesOf(bytes.subarray(half), generation.framing, {
    stream: generation.path,
    streamId: generation.streamId ?? '',
    offset: start + half,
    historyUntil: generation.historyUntil,
    readMs: options.readMs,
    maxLineBytes: options.maxLineBytes,
    final,
    isUtf16: generation.isUtf16,
  });
  const moved = half + consumed;
  if (lines[0] !== undefined && directives.length > 0) lines[0].directives = directives;
  generation.directives = lastDirectives(directives, lines);
  generation.advanceTo(start + moved, buffer.subarray(0, before + moved));
  return { lines, consumed: moved, atEnd };
}

/** The first bytes of the file, up to 1 KiB: from what was read at `position`, if that is the start of the file. */
async function beginning(source: ByteSource, read: Buffer, position: number): Promise<Buffer> {
  if (position === 0) return read.subarray(0, HEAD_BYTES);
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, await source.read(head, 0));
}
