export const DAY_MS = 86_400_000;

/** The UTC day of a time, `2026-11-22`. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** When a day begins, milliseconds since 1970 UTC. */
export function dayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Whether any time of the day lies in the range. */
export function overlapsRange(day: string, range: { fromMs: number; toMs: number }): boolean {
  const startMs = dayStartMs(day);
  return startMs < range.toMs && startMs + DAY_MS > range.fromMs;
}
