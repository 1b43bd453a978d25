/** A day or a week of a calendar: whole days of one time zone. */
export interface Period {
  period: 'daily' | 'weekly';
  /** Its first day, `2026-11-30`. */
  day: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;

/** Periods that are over, and whose summary is due, newest first. @param hour of the day at which summaries go */
export function pastPeriods(kind: Period['period'], most: number, zone: string, hour: number, nowMs: number): Period[] {
  const periods: Period[] = [];
  const step = kind === 'daily' ? 1 : 7;
  // The last day on which a summary of its own kind was due: today when the hour has come.
  let end = dayOf(nowMs, zone);
  if (nowMs < instantOf(end, hour, zone)) end = addDays(end, -1);
  if (kind === 'weekly') end = addDays(end, -weekdayOf(end));
  for (let i = 0; i < most; i++) {
    const day = addDays(end, -step);
    periods.push({ period: kind, day, fromMs: startOf(day, zone), toMs: startOf(end, zone) });
    end = day;
  }
  return periods;
}

/** The newest of {@link pastPeriods}. */
export function lastPeriod(kind: Period['period'], zone: string, hour: number, nowMs: number): Period {
  return pastPeriods(kind, 1, zone, hour, nowMs)[0] as Period;
}

/** When the next summary goes. */
export function nextDueMs(kind: Period['period'], zone: string, hour: number, nowMs: number): number {
  const today = dayOf(nowMs, zone);
  for (let ahead = 0; ; ahead++) {
    const day = addDays(today, ahead);
    const dueMs = instantOf(day, hour, zone);
    if (dueMs > nowMs && (kind === 'daily' || weekdayOf(day) === 0)) return dueMs;
  }
}

/** The first instant of a day in a zone. */
export function startOf(day: string, zone: string): number {
  return instantOf(day, 0, zone);
}

export function dayOf(timeMs: number, zone: string): string {
  return localOf(timeMs, zone).slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Monday is 0. */
function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The first instant at which the clock of the zone shows this hour of the day, or one after it where it is skipped. */
function instantOf(day: string, hour: number, zone: string): number {
  const wanted = `${day}T${String(hour).padStart(2, '0')}`;
  const asUtcMs = Date.parse(`${wanted}:00:00Z`);
  const offsetMs = Date.parse(`${localOf(asUtcMs, zone)}Z`) - asUtcMs;
  // The zone is one quarter of an hour or another off UTC, and changes its clock by a few hours at most.
  const guessMs = Math.floor((asUtcMs - offsetMs) / QUARTER_MS) * QUARTER_MS;
  for (let timeMs = guessMs - 3 * HOUR_MS; ; timeMs += QUARTER_MS)
    if (localOf(timeMs, zone).slice(0, 13) >= wanted) return timeMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-30T14:02:11` on the clock of the zone. */
function localOf(timeMs: number, zone: string): string {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', {
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
      ...{ timeZone: zone, hourCycle: 'h23' },
    } as const);
  formats.set(zone, format);
  return format.format(timeMs).replace(' ', 'T');
}
