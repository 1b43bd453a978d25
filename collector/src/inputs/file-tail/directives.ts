import { type ByteSource, FileSource } from './byte-source.js';

/**
 * Directives are lines that begin with `#`: in logs with columns, as IIS and others of Windows write them, they say which
 * columns follow. Who begins to read in the middle of such a file needs the last ones before that place.
 */

/** A block has four, and comes again whenever the program starts anew. */
const MAX_DIRECTIVES = 8;
const MAX_DIRECTIVE_CHARS = 2_048;
const PIECE_BYTES = 1 << 20;
const HASH = 0x23;
const NEWLINE = 0x0a;

/** The last directives of all that were read. */
export function lastDirectives(before: readonly string[], lines: readonly { text: string }[]): readonly string[] {
  const found = lines.filter(({ text }) => text.charCodeAt(0) === HASH && text.length <= MAX_DIRECTIVE_CHARS);
  return found.length === 0 ? before : [...before, ...found.map(({ text }) => text)].slice(-MAX_DIRECTIVES);
}

/**
 * The last block of directives before `offset`, where the file begins with one; looked for from there backwards, so that one
 * which came in between is not missed. In compressed files, which cannot be read backwards, none.
 */
export async function directivesBefore(source: ByteSource, offset: number): Promise<readonly string[]> {
  const first = Buffer.alloc(1);
  if (!(source instanceof FileSource) || (await source.read(first, 0)) === 0 || first[0] !== HASH) return [];
  const piece = Buffer.alloc(PIECE_BYTES + MAX_DIRECTIVE_CHARS);
  for (let end = offset; end > 0; end -= PIECE_BYTES) {
    const start = Math.max(0, end - PIECE_BYTES);
    // A directive may go on behind the piece.
    const length = await source.read(piece.subarray(0, Math.min(offset, end + MAX_DIRECTIVE_CHARS) - start), start);
    const found = directivesIn(piece.subarray(0, length), start === 0);
    if (found.length > 0) return found.slice(-MAX_DIRECTIVES);
  }
  return [];
}

function directivesIn(bytes: Buffer, isBeginning: boolean): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    const begins = at === 0 ? isBeginning : bytes[at - 1] === NEWLINE;
    const end = begins ? bytes.indexOf(NEWLINE, at) : -1;
    if (end >= 0 && end - at <= MAX_DIRECTIVE_CHARS) found.push(bytes.toString('utf8', at, end).trimEnd());
  }
  return found;
}
