const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ZEROS = Buffer.alloc(64 * 1024);

/** What a framing carries from one piece of a stream to the next; the counters grow until the caller takes them. */
export interface FramingState {
  /** Inside the rest of a line that was cut. */
  skipping: boolean;
  /** Bytes of cut lines that were passed over. */
  skippedBytes: number;
  /** NULs before lines, and byte order marks. */
  nulBytes: number;
}

export function newFraming(): FramingState {
  return { skipping: false, skippedBytes: 0, nulBytes: 0 };
}

/** `end` is behind the last byte of the text, without `\r` and `\n`. */
export type OnFrame = (start: number, end: number, truncated: boolean) => void;

/** How an encoding writes what parts lines; places are those of whole characters. */
export interface LineEncoding {
  /** Bytes of `\n` and of `\r`. */
  width: number;
  /** Where the next `\n` is, below 0 when there is none. */
  newlineAt(bytes: Buffer, from: number): number;
  isReturn(bytes: Buffer, at: number): boolean;
  /** Where what belongs to no line ends that begins there, NULs for one; `at` where none begins. */
  textAt(bytes: Buffer, at: number): number;
}

export const UTF8: LineEncoding = {
  width: 1,
  newlineAt: (bytes, from) => (bytes[from] === NEWLINE ? from : bytes.indexOf(NEWLINE, from)),
  isReturn: (bytes, at) => bytes[at] === RETURN,
  textAt: endOfNuls,
};

/**
 * Splits `bytes`, which begin with a whole character, into lines and answers where the unfinished last line begins: hand over
 * the bytes from there on again, with more behind them (at most `maxLineBytes` and a character, so nothing long is ever kept).
 * However a stream is cut into pieces, the frames are the same.
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
  encoding: LineEncoding = UTF8,
): number {
  const { width } = encoding;
  const longest = maxLineBytes - (maxLineBytes % width);
  const whole = bytes.length - (bytes.length % width);
  let at = 0;
  while (at < whole) {
    const newline = encoding.newlineAt(bytes, at);
    if (state.skipping) {
      state.skippedBytes += (newline < 0 ? whole : newline) - at;
      if (newline < 0) return whole;
      state.skipping = false;
      at = newline + width;
      continue;
    }
    const text = encoding.textAt(bytes, at);
    if (text > at) {
      state.nulBytes += text - at;
      at = text;
    } else if (newline < 0) {
      if (isTooLong(bytes, at, whole - at, longest, encoding)) {
        onFrame(at, at + longest, true);
        state.skipping = true;
        at += longest;
      } else if (final) {
        onFrame(at, textEnd(bytes, at, whole, encoding), false);
        return whole;
      } else {
        return at;
      }
    } else {
      const end = textEnd(bytes, at, newline, encoding);
      if (end - at > longest) {
        onFrame(at, at + longest, true);
        state.skippedBytes += newline - at - longest;
      } else {
        onFrame(at, end, false);
      }
      at = newline + width;
    }
  }
  return at;
}

/** Whether an unfinished line is too long whatever follows: a `\r` behind the last allowed byte may be a line end. */
function isTooLong(bytes: Buffer, at: number, length: number, longest: number, encoding: LineEncoding): boolean {
  const over = length - longest;
  return over > encoding.width || (over === encoding.width && !encoding.isReturn(bytes, at + longest));
}

function textEnd(bytes: Buffer, start: number, end: number, { width, isReturn }: LineEncoding): number {
  return end > start && isReturn(bytes, end - width) ? end - width : end;
}

/** Where a run of NULs ends; whole blocks are compared at once, for a hole may be gigabytes long. */
export function endOfNuls(bytes: Buffer, start: number): number {
  if (bytes[start] !== 0) return start;
  let at = start;
  while (bytes.length - at >= ZEROS.length && ZEROS.compare(bytes, at, at + ZEROS.length) === 0) at += ZEROS.length;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at;
}
