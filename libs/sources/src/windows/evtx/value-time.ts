const MS_FROM_1601_TO_1970 = 11_644_473_600_000;
/** 2^32 ticks of 100 ns are so many milliseconds and ticks. */
const HIGH_MS = 429_496;
const HIGH_TICKS = 7_296;
const TICKS_PER_MS = 10_000;

/** A FILETIME (u64, ticks of 100 ns since 1601) as milliseconds since 1970 UTC, rounded down. */
export function filetimeMs(bytes: Buffer, start: number): number {
  const high = bytes.readUInt32LE(start + 4);
  const ticks = high * HIGH_TICKS + bytes.readUInt32LE(start);
  return high * HIGH_MS + Math.floor(ticks / TICKS_PER_MS) - MS_FROM_1601_TO_1970;
}

/** `2026-11-01T12:00:00.1234567Z`, all seven digits. */
export function filetimeText(bytes: Buffer, start: number): string {
  const high = bytes.readUInt32LE(start + 4);
  const rest = (high * HIGH_TICKS + bytes.readUInt32LE(start)) % TICKS_PER_MS;
  const text = new Date(filetimeMs(bytes, start)).toISOString();
  return `${text.slice(0, -1)}${String(rest).padStart(4, '0')}Z`;
}

/**
 * A SYSTEMTIME in UTC; undefined when it is no time.
 *
 *     systemtime = year month weekday day hour minute second millisecond      ; u16 each
 */
export function systemTimeText(bytes: Buffer, start: number): string | undefined {
  const part = (index: number) => bytes.readUInt16LE(start + 2 * index);
  const timeMs = Date.UTC(part(0), part(1) - 1, part(3), part(4), part(5), part(6), part(7));
  const text = Number.isNaN(timeMs) ? undefined : new Date(timeMs).toISOString();
  const isSame = text?.startsWith(`${String(part(0)).padStart(4, '0')}-${String(part(1)).padStart(2, '0')}-`);
  return isSame ? text : undefined;
}
