import { filetimeText, systemTimeText } from './value-time.js';

/**
 * Types of values ([MS-EVEN6] 2.2.12, 3.1.4.7.3; `EVT_VARIANT_TYPE`). A type with 0x80 added is an array of it.
 * All numbers are little-endian, strings UTF-16LE without an end mark.
 */
export const VALUE = {
  null: 0x00,
  string: 0x01,
  ansiString: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  real32: 0x0b,
  real64: 0x0c,
  bool: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  sizeT: 0x10,
  filetime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hexInt32: 0x14,
  hexInt64: 0x15,
  evtHandle: 0x20,
  binXml: 0x21,
  evtXml: 0x23,
} as const;

export const ARRAY = 0x80;

/** Bytes of one value, of the types that have just one size. */
export const FIXED_SIZES: readonly (number | undefined)[] = [
  ...[undefined, undefined, undefined, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4],
  ...[undefined, 16, undefined, 8, 16, undefined, 4, 8],
];

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const SURROGATE = /[\ud800-\udfff]/;
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });

/**
 * The text of a value as Windows renders it: numbers in decimal, hexadecimal types as `0x1f`, GUIDs in braces and lower
 * case, times in UTC with all their digits, bytes in upper-case hexadecimal. A value of another size than its type has is
 * shown as the bytes it is, so that nothing is hidden and nothing guessed.
 */
export function valueText(bytes: Buffer, type: number, start: number, size: number): string {
  if (size === 0) return '';
  if (type === VALUE.string || type === VALUE.evtXml) return utf16Text(bytes, start, size);
  const fixed = FIXED_SIZES[type];
  if (fixed !== undefined && fixed !== size) return hexText(bytes, start, size);
  switch (type) {
    case VALUE.null:
    case VALUE.binXml:
      return '';
    case VALUE.ansiString:
      return untilNul(bytes.toString('latin1', start, start + size));
    case VALUE.bool:
      return bytes.readUInt32LE(start) === 0 ? 'false' : 'true';
    case VALUE.guid:
      return guidText(bytes, start);
    case VALUE.sizeT:
      return sizeText(bytes, start, size);
    case VALUE.filetime:
      return filetimeText(bytes, start);
    case VALUE.systemTime:
      return systemTimeText(bytes, start) ?? hexText(bytes, start, size);
    case VALUE.sid:
      return sidText(bytes, start, size);
    default:
      return numberText(bytes, type, start) ?? hexText(bytes, start, size);
  }
}

/** Of UTF-16LE up to its first NUL; halves of characters come out as U+FFFD. */
export function utf16Text(bytes: Buffer, start: number, size: number): string {
  const end = start + (size & ~1);
  const text = bytes.toString('utf16le', start, end);
  return untilNul(SURROGATE.test(text) ? utf16.decode(bytes.subarray(start, end)) : text);
}

function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

function numberText(bytes: Buffer, type: number, start: number): string | undefined {
  switch (type) {
    case VALUE.int8:
      return String(bytes.readInt8(start));
    case VALUE.uint8:
      return String(bytes[start]);
    case VALUE.int16:
      return String(bytes.readInt16LE(start));
    case VALUE.uint16:
      return String(bytes.readUInt16LE(start));
    case VALUE.int32:
      return String(bytes.readInt32LE(start));
    case VALUE.uint32:
      return String(bytes.readUInt32LE(start));
    case VALUE.int64:
      return String(bytes.readBigInt64LE(start));
    case VALUE.uint64:
      return uint64Text(bytes, start);
    case VALUE.real32:
      return realText(shortest32(bytes.readFloatLE(start)));
    case VALUE.real64:
      return realText(bytes.readDoubleLE(start));
    case VALUE.hexInt32:
      return `0x${bytes.readUInt32LE(start).toString(16)}`;
    case VALUE.hexInt64:
      return hex64Text(bytes, start);
    default:
      return undefined;
  }
}

function uint64Text(bytes: Buffer, start: number): string {
  const high = bytes.readUInt32LE(start + 4);
  return high < 0x20_0000
    ? String(high * 0x1_0000_0000 + bytes.readUInt32LE(start))
    : String(bytes.readBigUInt64LE(start));
}

function hex64Text(bytes: Buffer, start: number): string {
  const high = bytes.readUInt32LE(start + 4);
  const low = bytes.readUInt32LE(start).toString(16);
  return high === 0 ? `0x${low}` : `0x${high.toString(16)}${low.padStart(8, '0')}`;
}

/** A size as wide as the pointers of the machine that wrote it. */
function sizeText(bytes: Buffer, start: number, size: number): string {
  if (size === 8) return hex64Text(bytes, start);
  return size === 4 ? `0x${bytes.readUInt32LE(start).toString(16)}` : hexText(bytes, start, size);
}

/** The number of the fewest digits that is this one in single precision: 0.1, not 0.10000000149011612. */
function shortest32(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** As xs:double is written. */
function realText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
  return String(value);
}

function hexText(bytes: Buffer, start: number, size: number): string {
  return bytes.toString('hex', start, start + size).toUpperCase();
}

function guidText(bytes: Buffer, start: number): string {
  const hex = (index: number) => HEX[bytes[start + index] as number] as string;
  const first = hex(3) + hex(2) + hex(1) + hex(0);
  const last = bytes.toString('hex', start + 10, start + 16);
  return `{${first}-${hex(5)}${hex(4)}-${hex(7)}${hex(6)}-${hex(8)}${hex(9)}-${last}}`;
}

/**
 *     sid = revision:u8 count:u8 authority:48 bits, big-endian  count * sub-authority:u32
 */
function sidText(bytes: Buffer, start: number, size: number): string {
  const count = bytes[start + 1] as number;
  if (size < 8 || size !== 8 + 4 * count) return hexText(bytes, start, size);
  let text = `S-${bytes[start]}-${bytes.readUIntBE(start + 2, 6)}`;
  for (let i = 0; i < count; i++) text += `-${bytes.readUInt32LE(start + 8 + 4 * i)}`;
  return text;
}

/** The values of an array; strings are parted by NUL, SIDs have their own length. */
export function arrayTexts(bytes: Buffer, type: number, start: number, size: number): string[] {
  const item = type & ~ARRAY;
  if (size === 0) return [''];
  if (item === VALUE.string) return withoutEnd(bytes.toString('utf16le', start, start + (size & ~1))).map(wellFormed);
  if (item === VALUE.ansiString) return withoutEnd(bytes.toString('latin1', start, start + size));
  if (item === VALUE.sid) return sidTexts(bytes, start, start + size);
  const step = item === VALUE.sizeT ? 8 : FIXED_SIZES[item];
  if (step === undefined || size % step !== 0) return [hexText(bytes, start, size)];
  return Array.from({ length: size / step }, (_, i) => valueText(bytes, item, start + i * step, step));
}

function withoutEnd(text: string): string[] {
  const texts = text.split('\0');
  if (texts.length > 1 && texts.at(-1) === '') texts.pop();
  return texts;
}

function wellFormed(text: string): string {
  return SURROGATE.test(text) ? utf16.decode(Buffer.from(text, 'utf16le')) : text;
}

function sidTexts(bytes: Buffer, start: number, end: number): string[] {
  const texts: string[] = [];
  for (let at = start; at < end; ) {
    const size = at + 2 > end ? end - at : Math.min(8 + 4 * (bytes[at + 1] as number), end - at);
    texts.push(valueText(bytes, VALUE.sid, at, size));
    at += size;
  }
  return texts;
}
