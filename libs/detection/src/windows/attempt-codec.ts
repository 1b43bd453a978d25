import { windowsError } from './errors.js';
import type { Attempt } from './windows.js';

/** An attempt as numbers, the way the tables hold it. One object is reused: an allocation per event would cost more. */
export class AttemptNumbers {
  /** Bits 47 to 32 of the id. */
  idHigh = 0;
  /** Bits 31 to 0 of the id, unsigned. */
  idLow = 0;
  host = 0;
  /** Unsigned. */
  who = 0;

  /** Throws WINDOWS_ATTEMPT_INVALID. */
  read(attempt: Attempt): void {
    const { id, host, timeMs } = attempt;
    const idHigh = id.length === 12 ? hexNumber(id, 0, 4) : -1;
    const idMiddle = hexNumber(id, 4, 8);
    const idEnd = hexNumber(id, 8, 12);
    if ((idHigh | idMiddle | idEnd) < 0) throw windowsError('WINDOWS_ATTEMPT_INVALID', { field: 'id', value: id });
    if (!Number.isSafeInteger(timeMs) || timeMs < 0) {
      throw windowsError('WINDOWS_ATTEMPT_INVALID', { field: 'timeMs', value: timeMs });
    }
    if (host !== (host & 0xffff)) throw windowsError('WINDOWS_ATTEMPT_INVALID', { field: 'host', value: host });
    this.idHigh = idHigh;
    this.idLow = ((idMiddle << 16) | idEnd) >>> 0;
    this.host = host;
    this.who = attempt.who >>> 0;
  }

  get id(): number {
    return this.idHigh * 0x100000000 + this.idLow;
  }
}

/** The id as it is written. */
export function idText(id: number): string {
  return id.toString(16).padStart(12, '0');
}

/** The number in hex digits, or -1. */
function hexNumber(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at) | 0x20;
    let digit = code - 0x30;
    if (digit < 0 || digit > 9) digit = code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    // A digit's code with bit 5 set is itself, but so is that of a control character 32 lower.
    if (digit < 0 || text.charCodeAt(at) < 0x30) return -1;
    value = (value << 4) | digit;
  }
  return value;
}
