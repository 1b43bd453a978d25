const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ZEROS = Buffer.alloc(64 * 1024);

/** What a framing carries from one piece of a stream to the next; the counters grow until the caller takes them. */
export interface FramingState {
  /** Inside the rest of a line that was cut. */
  skipping: boolean;
  /** Bytes of cut lines that were passed over. */
  skippedBytes: number;
  /** NULs before lines. */
  nulBytes: number;
}

export function newFraming(): FramingState {
  return { skipping: false, skippedBytes: 0, nulBytes: 0 };
}

/** `end` is behind the last byte of the text, without `\r` and `\n`. */
export type OnFrame = (start: number, end: number, truncated: boolean) => void;

/**
 * Splits `bytes` into lines and answers where the unfinished last line begins: hand over the bytes from there on again,
 * with more behind them (at most `maxLineBytes + 1`, so nothing long is ever kept). However a stream is cut into pieces, the
 * frames are the same.
 *
 * A line ends at `\n`; one `\r` before it is not text. NULs before a line belong to no line. A line longer than `maxLineBytes` is
 * told once, cut; its rest is passed over up to its `\n`. `final`: nothing will follow, so the unfinished line is one.
 */
export function frameLines(
  bytes: Buffer,
  state: FramingState,
  maxLineBytes: number,
  final: boolean,
  onFrame: OnFrame,
): number {
  let at = 0;
  while (at < bytes.length) {
    const newline = bytes[at] === NEWLINE ? at : bytes.indexOf(NEWLINE, at);
    if (state.skipping) {
      if (newline < 0) {
        state.skippedBytes += bytes.length - at;
        return bytes.length;
      }
      state.skippedBytes += newline - at;
      state.skipping = false;
      at = newline + 1;
    } else if (bytes[at] === 0) {
      const text = endOfNuls(bytes, at);
      state.nulBytes += text - at;
      at = text;
    } else if (newline < 0) {
      const unfinished = bytes.length - at;
      if (isTooLong(bytes, at, unfinished, maxLineBytes)) {
        onFrame(at, at + maxLineBytes, true);
        state.skipping = true;
        at += maxLineBytes;
      } else if (final) {
        onFrame(at, textEnd(bytes, at, bytes.length), false);
        return bytes.length;
      } else {
        return at;
      }
    } else {
      const end = textEnd(bytes, at, newline);
      if (end - at > maxLineBytes) {
        onFrame(at, at + maxLineBytes, true);
        state.skippedBytes += newline - at - maxLineBytes;
      } else {
        onFrame(at, end, false);
      }
      at = newline + 1;
    }
  }
  return at;
}

/** Whether an unfinished line is too long whatever follows: a `\r` behind the last allowed byte may be a line end. */
function isTooLong(bytes: Buffer, at: number, length: number, maxLineBytes: number): boolean {
  return length > maxLineBytes + 1 || (length === maxLineBytes + 1 && bytes[at + maxLineBytes] !== RETURN);
}

function textEnd(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === RETURN ? end - 1 : end;
}

/** Where a run of NULs ends; whole blocks are compared at once, for a hole may be gigabytes long. */
function endOfNuls(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes.length - at >= ZEROS.length && ZEROS.compare(bytes, at, at + ZEROS.length) === 0) at += ZEROS.length;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at;
}
