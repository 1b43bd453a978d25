import { FAMILY_BYTES, HEADER_BYTES } from './writer.js';

const TYPE_ERROR = 2;
const TYPE_DONE = 3;
const FLAG_DUMP_INTERRUPTED = 0x10;
const FLAG_CAPPED = 0x100;
const FLAG_ACK_TLVS = 0x200;
const ERROR_TEXT = 1;

/** One answer of the kernel: a refusal or acknowledgement (`errno`), the end of a dump, or data. */
export interface Reply {
  sequence: number;
  /** 0 for an acknowledgement; undefined for data. */
  errno: number | undefined;
  /** The kernel's own words on a refusal (extended acknowledgement), when it has any. */
  text: string | undefined;
  /** A dump has ended. */
  done: boolean;
  /** The ruleset changed while it was dumped. */
  interrupted: boolean;
  /** Attributes of a data message; a view that the next receive overwrites. */
  attributes: Buffer;
}

/** Reads the messages of one datagram. */
export function* readReplies(datagram: Buffer): Generator<Reply> {
  for (let at = 0; at + HEADER_BYTES <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < HEADER_BYTES || at + length > datagram.length) return;
    yield readReply(datagram.subarray(at, at + length));
    at += (length + 3) & ~3;
  }
}

function readReply(message: Buffer): Reply {
  const type = message.readUInt16LE(4);
  const flags = message.readUInt16LE(6);
  const status = type === TYPE_ERROR || type === TYPE_DONE;
  const errno = status && message.length >= 20 ? -message.readInt32LE(16) : undefined;
  return {
    sequence: message.readUInt32LE(8),
    errno,
    text: errno && flags & FLAG_ACK_TLVS ? readText(message, type, flags) : undefined,
    done: type === TYPE_DONE,
    interrupted: (flags & FLAG_DUMP_INTERRUPTED) !== 0,
    attributes: message.subarray(HEADER_BYTES + FAMILY_BYTES),
  };
}

/** After the error number comes the head of the refused message (all of it unless capped), then attributes. */
function readText(message: Buffer, type: number, flags: number): string | undefined {
  let start = 20;
  if (type === TYPE_ERROR) start += flags & FLAG_CAPPED ? HEADER_BYTES : (message.readUInt32LE(20) + 3) & ~3;
  return textOf(readAttributes(message.subarray(start)).get(ERROR_TEXT));
}

/** The attributes in a buffer by type; of several with one type the last. */
export function readAttributes(buffer: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  eachAttribute(buffer, 0, buffer.length, (type, from, to) => found.set(type, buffer.subarray(from, to)));
  return found;
}

/** Calls back with type and place of each attribute's value between two offsets: nothing is copied. */
export function eachAttribute(
  buffer: Buffer,
  start: number,
  end: number,
  onAttribute: (type: number, from: number, to: number) => void,
): void {
  for (let at = start; at + 4 <= end; ) {
    const length = buffer.readUInt16LE(at);
    if (length < 4 || at + length > end) return;
    onAttribute(buffer.readUInt16LE(at + 2) & 0x3fff, at + 4, at + length);
    at += (length + 3) & ~3;
  }
}

export function textOf(value: Buffer | undefined): string | undefined {
  if (!value) return undefined;
  const end = value.indexOf(0);
  return value.toString('latin1', 0, end < 0 ? value.length : end);
}

/** A value of up to 64 bits in network order. */
export function numberOf(value: Buffer | undefined): number | undefined {
  if (value?.length === 8) return Number(value.readBigUInt64BE());
  if (value?.length === 4) return value.readUInt32BE();
  return undefined;
}
