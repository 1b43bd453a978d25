import type { ValueEpisode } from '../windows/index.js';
import { checkIdentity, type Identity, readSnapshot, writeSnapshot } from '../windows/snapshot-frames.js';
import type { EpisodeWindows } from './episode-windows.js';
import { FiredPattern, type FiredPatternState } from './fired-pattern.js';
import type { Occurrence } from './occurrence.js';
import { OccurrenceKey } from './occurrence-keys.js';
import type { HeldOccurrences } from './temporal-windows.js';

/** What a chain holds: of every correlation in it what it holds, and the episodes of the one that alerts. */
export interface TemporalState {
  held: readonly HeldOccurrences[];
  episodes: EpisodeWindows;
}

interface Header {
  identity: Identity;
  evicted: number;
  held: Record<'nowMs' | 'late' | 'duplicates' | 'dropped' | 'evictedOneShot' | 'evictedOther', number>[];
}

type Line =
  | { of: number; key: string; host: number; list: Occurrence[] }
  | { fired: FiredPatternState }
  | { over: Omit<ValueEpisode, 'values'> & { values: [string, { count: number; firstMs: number; lastMs: number }][] } };

/** Header, then keys, fired keys and episodes that are over as lines of JSON. Throws WINDOWS_SNAPSHOT_STALE. */
export function* snapshotTemporal({ held, episodes }: TemporalState, identity: Identity): Iterable<Buffer> {
  const header: Header = {
    identity,
    evicted: episodes.evicted,
    held: held.map(({ nowMs, late, duplicates, dropped, keys }) => {
      const { evictedOneShot, evictedOther } = keys.budget;
      return { nowMs, late, duplicates, dropped, evictedOneShot, evictedOther };
    }),
  };
  const changesOf = () => held.reduce((sum, { changes }) => sum + changes, 0);
  yield* writeSnapshot({ header, lines: linesOf(held, episodes) }, changesOf);
}

function* linesOf(held: TemporalState['held'], episodes: EpisodeWindows): Iterable<Line> {
  for (const [of, { keys }] of held.entries()) {
    for (const { key, host, list } of keys.values()) yield { of, key, host, list };
  }
  for (const fired of episodes.fired.values()) yield { fired: fired.state() };
  for (const over of episodes.over) yield { over: { ...over, values: [...over.values] } };
}

/** Fills empty windows. Throws WINDOWS_SNAPSHOT_DAMAGED or WINDOWS_SNAPSHOT_FOREIGN, leaving them in between. */
export function restoreTemporal(state: TemporalState, identity: Identity, chunks: Iterable<Buffer>): void {
  readSnapshot<Header, Line>(chunks, {
    header: (header) => restoreHeader(state, identity, header),
    line: (line) => restoreLine(state, line),
  });
}

function restoreHeader({ held, episodes }: TemporalState, identity: Identity, header: Header): void {
  checkIdentity(header.identity, identity);
  episodes.evicted = header.evicted;
  for (const [index, one] of held.entries()) {
    const { evictedOneShot = 0, evictedOther = 0, ...counters } = header.held[index] ?? {};
    Object.assign(one, counters);
    Object.assign(one.keys.budget, { evictedOneShot, evictedOther });
  }
}

function restoreLine({ held, episodes }: TemporalState, line: Line): void {
  if ('fired' in line) episodes.put(new FiredPattern(line.fired, episodes.pattern));
  else if ('over' in line) episodes.over.push({ ...line.over, values: new Map(line.over.values) });
  else (held[line.of] as HeldOccurrences).close(new OccurrenceKey(line.key, line.host, line.list));
}
