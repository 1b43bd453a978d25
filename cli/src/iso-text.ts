/** A time in milliseconds since 1970 UTC as ISO 8601 in UTC, `2026-11-22T07:00:00.000Z`. */
export function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
