const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back a line may step before it is taken for the second turn of a repeated hour. */
const DISORDER_MS = 5 * 60_000;

/** Turns wall-clock time into time. `wallMs` is the wall clock read as if it were UTC. */
export interface Zone {
  /**
   * @param lastMs time of the line before (-Infinity for none): tells the first turn of a repeated hour from the second
   * @returns milliseconds since 1970 UTC
   */
  toUtcMs(wallMs: number, lastMs: number): number;
  /** Whether one offset holds for the whole wall-clock hour that starts here, so that it may be remembered. */
  isUniform(hourWallMs: number): boolean;
}

const UTC: Zone = { toUtcMs: (wallMs) => wallMs, isUniform: () => true };

/** `UTC` or an IANA name (`Europe/Prague`). Throws RangeError on an unknown name. */
export function zoneOf(name: string): Zone {
  return name === 'UTC' ? UTC : new IanaZone(name);
}

class IanaZone implements Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /**
   * A wall-clock time that comes twice (the end of summer time) is the first one, unless that would step back behind
   * the line before. One that never comes (its start) is read with the offset before the change.
   */
  toUtcMs(wallMs: number, lastMs: number): number {
    const before = wallMs - this.#offsetAt(wallMs - DAY_MS);
    const after = wallMs - this.#offsetAt(wallMs + DAY_MS);
    if (before === after) return before;
    const beforeHolds = before + this.#offsetAt(before) === wallMs;
    const afterHolds = after + this.#offsetAt(after) === wallMs;
    if (beforeHolds !== afterHolds) return beforeHolds ? before : after;
    if (!beforeHolds) return before;
    const first = Math.min(before, after);
    const second = Math.max(before, after);
    return lastMs - first > DISORDER_MS && second - lastMs < HOUR_MS * 2 ? second : first;
  }

  isUniform(hourWallMs: number): boolean {
    return this.#offsetAt(hourWallMs - DAY_MS) === this.#offsetAt(hourWallMs + DAY_MS);
  }

  /** Wall clock minus UTC, in milliseconds. */
  #offsetAt(timeMs: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(timeMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(timeMs / 1000) * 1000;
  }
}
