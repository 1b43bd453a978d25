import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { crc32 } from './crc32.js';
import { type FramingState, frameLines, type OnFrame, UTF8 } from './framing.js';
import type { RawLine } from './input.js';
import { UTF16 } from './utf16-framing.js';

/** The most bytes of a first line that take part in a stream id. */
export const HEAD_BYTES = 1024;

/**
 * The longest line in bytes: 64 KiB when nothing else is configured, at least 1 KiB (so that no line is told, cut, before the
 * stream it belongs to has its id). Throws RangeError below that.
 */
export function lineLimit(configured = 64 * 1024): number {
  if (configured < HEAD_BYTES) throw new RangeError(`maxLineBytes is ${configured}; it must be at least ${HEAD_BYTES}`);
  return configured;
}

/** 16 hex digits from whatever tells one stream from all others, the kind of input first. */
export function streamId(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The part of a stream's beginning that never changes once the first line is complete: that line, or its first
 * {@link HEAD_BYTES}. Before that no line can have an id, and none needs one.
 */
export function firstLine(head: Buffer): Buffer {
  const newline = head.subarray(0, HEAD_BYTES).indexOf(0x0a);
  return head.subarray(0, newline < 0 ? HEAD_BYTES : newline);
}

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));

/**
 * See {@link RawLine.id}, of the line at `start` to before `end` in `bytes`. `position` is text already: an offset in base
 * 36, or a journal's sequence number.
 */
export function lineId(stream: string, position: string, bytes: Buffer, start = 0, end = bytes.length): string {
  const crc = crc32(bytes, start, end);
  return `${stream}-${position}-${HEX[crc >>> 16]}${HEX[crc & 0xffff]}`;
}

/** What all lines of one piece have in common. */
export interface PieceContext {
  stream: string;
  streamId: string;
  /** Offset of the piece's first byte in the uncompressed stream. */
  offset: number;
  /** Lines that begin before this offset are history. */
  historyUntil: number;
  readMs: number;
  maxLineBytes: number;
  /** Nothing follows: an unfinished line is one. */
  final: boolean;
  /** The bytes are UTF-16, the low byte first, not UTF-8. */
  isUtf16?: boolean;
}

/** Turns a piece of a byte stream into lines; `consumed` bytes need not come again. */
export function linesOf(
  bytes: Buffer,
  framing: FramingState,
  context: PieceContext,
): { lines: RawLine[]; consumed: number } {
  const { maxLineBytes, final, isUtf16 = false } = context;
  const lines: RawLine[] = [];
  const textOf = isUtf16 ? utf16Of(bytes) : utf8Of(bytes);
  const onFrame: OnFrame = (start, end, truncated) => {
    const offset = context.offset + start;
    lines.push({
      text: textOf(start, end),
      truncated,
      id: lineId(context.streamId, offset.toString(36), bytes, start, end),
      stream: context.stream,
      history: offset < context.historyUntil,
      readMs: context.readMs,
    });
  };
  const consumed = frameLines(bytes, framing, maxLineBytes, final, onFrame, isUtf16 ? UTF16 : UTF8);
  return { lines, consumed };
}

const UTF16_DECODER = new TextDecoder('utf-16le', { ignoreBOM: true });

type TextOf = (start: number, end: number) => string;

function utf8Of(bytes: Buffer): TextOf {
  // Decoding Latin-1 is several times faster than UTF-8, and the same for ASCII.
  const encoding = isAscii(bytes) ? 'latin1' : 'utf8';
  return (start, end) => bytes.toString(encoding, start, end);
}

function utf16Of(bytes: Buffer): TextOf {
  return (start, end) => UTF16_DECODER.decode(bytes.subarray(start, end));
}
