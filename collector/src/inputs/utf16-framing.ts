import type { FramingState, OnFrame } from './framing.js';

/** `\n` in UTF-16, the low byte first, as programs of Windows write it. */
const NEWLINE = Buffer.from([0x0a, 0x00]);
const RETURN = 0x0d;

/**
 * Whether a file that begins with `head` is UTF-16, the low byte first: it has a byte order mark, and a letter of ASCII behind
 * it, as every log has.
 */
export function beginsAsUtf16(head: Buffer): boolean {
  return head.length >= 4 && head[0] === 0xff && head[1] === 0xfe && head[3] === 0;
}

/**
 * As `frameLines`, for UTF-16: `bytes` begin with a whole character, and a line that is cut ends with one. The byte order mark
 * belongs to no line.
 */
export function frameUtf16Lines(
  bytes: Buffer,
  state: FramingState,
  maxLineBytes: number,
  final: boolean,
  onFrame: OnFrame,
): number {
  const longest = maxLineBytes - (maxLineBytes % 2);
  const whole = bytes.length - (bytes.length % 2);
  let at = 0;
  while (at < whole) {
    const newline = newlineAt(bytes, at);
    if (state.skipping) {
      state.skippedBytes += (newline < 0 ? whole : newline) - at;
      if (newline < 0) return whole;
      state.skipping = false;
      at = newline + 2;
    } else if (isNoText(bytes, at)) {
      at += 2;
    } else if (newline < 0) {
      const unfinished = whole - at;
      if (unfinished > longest + 2) {
        onFrame(at, at + longest, true);
        state.skipping = true;
        at += longest;
      } else if (final) {
        onFrame(at, textEnd(bytes, at, whole), false);
        return whole;
      } else {
        return at;
      }
    } else {
      const end = textEnd(bytes, at, newline);
      const cut = Math.min(end, at + longest);
      onFrame(at, cut, cut < end);
      if (cut < end) state.skippedBytes += newline - cut;
      at = newline + 2;
    }
  }
  return at;
}

/** The bytes of a newline may also stand in the midst of two characters. */
function newlineAt(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(NEWLINE, from);
  while (at >= 0 && at % 2 !== 0) at = bytes.indexOf(NEWLINE, at + 1);
  return at;
}

/** A byte order mark, or a NUL. */
function isNoText(bytes: Buffer, at: number): boolean {
  const unit = bytes.readUInt16LE(at);
  return unit === 0xfeff || unit === 0;
}

function textEnd(bytes: Buffer, start: number, end: number): number {
  return end - start >= 2 && bytes.readUInt16LE(end - 2) === RETURN ? end - 2 : end;
}
