/** A stretch of text: as it is, or one character written as its escape. */
export interface Piece {
  text: string;
  isEscape: boolean;
}

/**
 * What could act on a screen instead of being read, by Unicode's own classes: controls, format characters (marks and
 * overrides of direction, zero-width ones, tags), separators of lines and paragraphs, halves of surrogate pairs, and what
 * a screen is to leave out (fillers, variation selectors).
 */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

/** Text that anyone may have written, in pieces that show every character of it. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(UNREADABLE)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), isEscape: false });
    pieces.push({ text: escapeOf(match[0]), isEscape: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isEscape: false });
  return pieces;
}

/** The same as one text, for titles and labels. */
export function escaped(text: string): string {
  return text.replace(UNREADABLE, escapeOf);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16);
  return (
    SHORT[character] ??
    (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${code > 0xffff ? `{${hex}}` : hex.padStart(4, '0')}`)
  );
}
