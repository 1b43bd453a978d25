import type { EpisodeWindows, Occurrence } from '../temporal/index.js';
import type { WindowStats } from '../windows/index.js';
import type { AlertBook, EpisodeSource } from './alert-book.js';
import type { Arrival } from './chain-windows.js';
import type { Observation } from './observation.js';

/** Counts matches of rules for one chain, or for all plain rules that alert by themselves. */
export interface MatchCounter {
  /** The last observation that was counted, by number: several of its rules may lead here. */
  served: number;
  readonly books: readonly AlertBook[];
  /** What its books tell of. */
  readonly source: EpisodeSource;
  add(book: AlertBook): void;
  match(observation: Observation, host: number, nowMs: number): void;
  expire(nowMs: number): void;
  readonly windows: {
    stats(): WindowStats;
    /** As `AttemptWindows.snapshot`. */
    snapshot(): Iterable<Buffer>;
    restore(chunks: Iterable<Buffer>): void;
  };
}

/** What an observation tells of an event, as it goes into windows. */
export function occurrenceOf({ attemptId: id, timeMs, values }: Observation, host: number, value: string): Occurrence {
  return { id, timeMs, host, who: 0, value, step: 0, ...(values && { fields: values }) };
}

/** Counts what arrived, and lets the books tell of it. */
export function arrive(
  { key: windowKey, fields, occurrence }: Arrival,
  windows: EpisodeWindows,
  books: readonly AlertBook[],
  { tenant, evidence: evidenceClass, history = false }: Observation,
  nowMs: number,
): void {
  const outcome = windows.add(windowKey, occurrence, nowMs);
  if (outcome !== 'fired' && outcome !== 'grew') return;
  const origin = { windowKey, fields, tenant, evidenceClass, knownGood: false, history };
  const grown = windows.takeGrown(windowKey);
  for (const book of books) {
    if (outcome === 'grew' && book.has(windowKey)) book.grow(origin, occurrence, nowMs, grown);
    else book.open(origin, nowMs);
  }
}
