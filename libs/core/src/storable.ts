const YEAR_2000_MS = Date.UTC(2000, 0, 1);
const MAX_AHEAD_MS = 2 * 86_400_000;
/** What Elasticsearch takes as an id. */
const MAX_ID_BYTES = 512;
/** Half of a pair alone: its text would change on the way, and then a second copy would not be recognised. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Why no event store takes an event of this `@timestamp`; undefined when they do. */
export function wrongEventTime(timeMs: unknown, nowMs: number): string | undefined {
  if (!Number.isSafeInteger(timeMs)) return '@timestamp is not a whole number of milliseconds';
  if ((timeMs as number) < YEAR_2000_MS) return '@timestamp is before the year 2000';
  if ((timeMs as number) > nowMs + MAX_AHEAD_MS) return '@timestamp is more than two days ahead of the clock';
  return undefined;
}

/** Why no event store takes an event of this `event.id`; undefined when they do. */
export function wrongEventId(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return 'event.id is missing';
  if (Buffer.byteLength(id) > MAX_ID_BYTES) return `event.id is longer than ${MAX_ID_BYTES} bytes`;
  if (LONE_SURROGATE.test(id)) return 'event.id is not well-formed Unicode';
  return undefined;
}
