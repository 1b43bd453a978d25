import { endOfNuls, type LineEncoding } from './framing.js';

/** `\n` in UTF-16, the low byte first, as programs of Windows write it. */
const NEWLINE = Buffer.from([0x0a, 0x00]);
const RETURN = 0x0d;

/**
 * Whether a file that begins with `head` is UTF-16, the low byte first: it has a byte order mark, and a letter of ASCII behind
 * it, as every log has.
 */
export function beginsAsUtf16(head: Buffer): boolean {
  return head.length >= 4 && isMark(head, 0) && head[3] === 0;
}

export const UTF16: LineEncoding = {
  width: 2,
  /** The bytes of a newline may also stand in the midst of two characters. */
  newlineAt(bytes, from) {
    let at = bytes.indexOf(NEWLINE, from);
    while (at >= 0 && at % 2 !== 0) at = bytes.indexOf(NEWLINE, at + 1);
    return at;
  },
  isReturn: (bytes, at) => bytes[at] === RETURN && bytes[at + 1] === 0,
  /** The byte order mark belongs to no line either. */
  textAt(bytes, from) {
    let at = from;
    for (;;) {
      const nuls = endOfNuls(bytes, at);
      // The first byte of a character may be one, too.
      at = nuls - (nuls % 2);
      if (!isMark(bytes, at)) return at;
      at += 2;
    }
  },
};

function isMark(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] === 0xfe;
}
