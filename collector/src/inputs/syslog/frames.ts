const ZERO = 0x30;
const NINE = 0x39;
const LESS = 0x3c;
const SPACE = 0x20;
const NEWLINE = 0x0a;
/** `MSG-LEN` of nobody's message has more digits: 16 MiB is far beyond what any sender means. */
const MAX_DIGITS = 8;
const MAX_MESSAGE_BYTES = 1 << 24;

/** What of a stream was read so far. */
export interface FrameState {
  /** Bytes of the message at hand that are still to be passed over, since it was cut. */
  skip: number;
  /** Passing over the rest of a cut line, up to its line feed. */
  isSkippingLine: boolean;
}

export function newFrameState(): FrameState {
  return { skip: 0, isSkippingLine: false };
}

/** `end` is behind the last byte of the text. */
export type OnFrame = (start: number, end: number, truncated: boolean) => void;

/** A stream that no syslog sender writes: the connection is to be closed, since nothing says where the next message begins. */
export class FramingError extends Error {}

/**
 * Splits what came over TCP into messages and answers where the unfinished one begins: hand over the bytes from there on
 * again, with more behind them. However a stream is cut into pieces, the frames are the same.
 *
 *     stream    = { MSG-LEN SP MSG | MSG LF }                  RFC 6587 3.4.1 (octet counting), 3.4.2 (non-transparent)
 *     MSG-LEN   = NONZERO-DIGIT { DIGIT }
 *     MSG       = "<" …
 *
 * The first byte of each message tells which it is. A message longer than `maxLineBytes` is told once, cut. `final`: nothing
 * follows, so an unfinished line is one; a counted message that never came whole is none. Throws FramingError.
 */
export function frameMessages(
  bytes: Buffer,
  state: FrameState,
  maxLineBytes: number,
  final: boolean,
  onFrame: OnFrame,
): number {
  let at = passOver(bytes, state);
  while (at < bytes.length) {
    const first = bytes[at] as number;
    if (first === NEWLINE || first === 0 || first === 0x0d) {
      at++;
      continue;
    }
    const next =
      first === LESS
        ? lineAt(bytes, at, state, maxLineBytes, final, onFrame)
        : countedAt(bytes, at, state, maxLineBytes, onFrame);
    if (next < 0) return at;
    at = next;
  }
  return at;
}

function passOver(bytes: Buffer, state: FrameState): number {
  const counted = Math.min(state.skip, bytes.length);
  state.skip -= counted;
  if (!state.isSkippingLine) return counted;
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0) return bytes.length;
  state.isSkippingLine = false;
  return newline + 1;
}

/** @returns where the next message begins, -1 when this one is unfinished */
function lineAt(
  bytes: Buffer,
  at: number,
  state: FrameState,
  maxLineBytes: number,
  final: boolean,
  onFrame: OnFrame,
): number {
  const newline = bytes.indexOf(NEWLINE, at);
  const end = newline < 0 ? bytes.length : newline;
  if (newline < 0 && !final && end - at <= maxLineBytes) return -1;
  tellMessage(bytes, at, end, maxLineBytes, onFrame);
  state.isSkippingLine = newline < 0 && !final;
  return newline < 0 ? bytes.length : newline + 1;
}

function countedAt(bytes: Buffer, at: number, state: FrameState, maxLineBytes: number, onFrame: OnFrame): number {
  let digits = at;
  while (digits < bytes.length && isDigit(bytes[digits] as number)) digits++;
  const isOver = digits < bytes.length;
  if (digits === at || bytes[at] === ZERO || digits - at > MAX_DIGITS) throw new FramingError('no message begins so');
  if (!isOver) return -1;
  const length = Number(bytes.toString('latin1', at, digits));
  if (bytes[digits] !== SPACE || length > MAX_MESSAGE_BYTES) throw new FramingError('no message is so long');
  const start = digits + 1;
  const there = Math.min(length, bytes.length - start);
  if (there < length && there <= maxLineBytes) return -1;
  if (there > 0 && bytes[start] !== LESS) throw new FramingError('no message begins so');
  tellMessage(bytes, start, start + there, maxLineBytes, onFrame);
  state.skip = length - there;
  return start + there;
}

/** Tells a message without what some senders put at its end: line feeds, NULs. Of one that is longer, `maxLineBytes`. */
export function tellMessage(bytes: Buffer, start: number, end: number, maxLineBytes: number, onFrame: OnFrame): void {
  let stop = end;
  while (stop > start && [NEWLINE, 0x0d, 0].includes(bytes[stop - 1] as number)) stop--;
  if (stop === start) return;
  const isCut = stop - start > maxLineBytes;
  onFrame(start, isCut ? start + maxLineBytes : stop, isCut);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
