import { windowsError } from '../windows/errors.js';
import type { ValueEpisode } from '../windows/index.js';
import {
  checkIdentity,
  damaged,
  FRAME,
  FrameWriter,
  type Identity,
  LineReader,
  parsed,
  readFrames,
} from '../windows/snapshot-frames.js';
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
export function* snapshotTemporal(state: TemporalState, identity: Identity): Iterable<Buffer> {
  const changesOf = () => state.held.reduce((sum, { changes }) => sum + changes, 0);
  const changes = changesOf();
  for (const frame of frames(state, identity)) {
    if (changesOf() !== changes) throw windowsError('WINDOWS_SNAPSHOT_STALE');
    yield frame;
  }
}

function* frames({ held, episodes }: TemporalState, identity: Identity): Iterable<Buffer> {
  const writer = new FrameWriter();
  const header: Header = {
    identity,
    evicted: episodes.evicted,
    held: held.map(({ nowMs, late, duplicates, dropped, keys: { evictedOneShot, evictedOther } }) => {
      return { nowMs, late, duplicates, dropped, evictedOneShot, evictedOther };
    }),
  };
  yield writer.frame(FRAME.header, Buffer.from(JSON.stringify(header)));
  yield* writer.lines(linesOf(held, episodes));
  yield writer.frame(FRAME.end, new Uint8Array(0));
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
  const reader = new LineReader();
  let headed = false;
  for (const { type, payload } of readFrames(chunks)) {
    if (type === FRAME.header) {
      restoreHeader(
        state,
        identity,
        parsed(() => JSON.parse(payload.toString()) as Header),
      );
      headed = true;
    } else if (!headed) {
      throw damaged('its header is missing');
    } else if (type === FRAME.lines) {
      parsed(() => {
        for (const line of reader.read(payload) as Iterable<Line>) restoreLine(state, line);
      });
    }
  }
}

function restoreHeader({ held, episodes }: TemporalState, identity: Identity, header: Header): void {
  checkIdentity(header.identity, identity);
  episodes.evicted = header.evicted;
  for (const [index, one] of held.entries()) {
    const { evictedOneShot = 0, evictedOther = 0, ...counters } = header.held[index] ?? {};
    Object.assign(one, counters);
    Object.assign(one.keys, { evictedOneShot, evictedOther });
  }
}

function restoreLine({ held, episodes }: TemporalState, line: Line): void {
  if ('fired' in line) episodes.fired.put(new FiredPattern(line.fired, episodes.pattern));
  else if ('over' in line) episodes.over.push({ ...line.over, values: new Map(line.over.values) });
  else (held[line.of] as HeldOccurrences).close(new OccurrenceKey(line.key, line.host, line.list));
}
