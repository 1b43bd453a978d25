import { identityOf } from './attempt-snapshot.js';
import { checkIdentity, type Identity, readSnapshot, writeSnapshot } from './snapshot-frames.js';
import { ValueFiredKey, type ValueFiredState } from './value-fired-key.js';
import type { BoundedValueWindows } from './value-windows.js';
import type { ValuedAttempt, ValueEpisode } from './windows.js';

interface Header {
  identity: Identity;
  nowMs: number;
  late: number;
  duplicates: number;
  dropped: number;
  forgotten: number;
  evictedOneShot: number;
  evictedOther: number;
}

type StoredEpisode = Omit<ValueEpisode, 'values'> & {
  values: [string, { count: number; firstMs: number; lastMs: number }][];
};

type Line =
  | { key: string; list: ValuedAttempt[] }
  | { fired: ValueFiredState }
  | { over: StoredEpisode }
  | { retracted: [key: string, id: number, timeMs: number] };

/** Header, then keys, fired keys, episodes that are over and retracted ids as lines of JSON. */
export function* snapshotValues(windows: BoundedValueWindows): Iterable<Buffer> {
  const { nowMs, late, duplicates, dropped, retracted, keys } = windows;
  const { evictedOneShot, evictedOther } = keys.budget;
  const header: Header = {
    identity: identityOf('value_count', windows.options),
    ...{ nowMs, late, duplicates, dropped, forgotten: retracted.forgotten, evictedOneShot, evictedOther },
  };
  yield* writeSnapshot({ header, lines: linesOf(windows) }, () => windows.changes);
}

function* linesOf(windows: BoundedValueWindows): Iterable<Line> {
  for (const { key, list } of windows.keys.values()) yield { key, list };
  for (const fired of windows.fired.values()) yield { fired: fired.state() };
  for (const over of windows.over) yield { over: { ...over, values: [...over.values] } };
  for (const retracted of windows.retracted.entries()) yield { retracted };
}

/** Fills empty windows. Throws WINDOWS_SNAPSHOT_DAMAGED or WINDOWS_SNAPSHOT_FOREIGN, leaving them in between. */
export function restoreValues(windows: BoundedValueWindows, chunks: Iterable<Buffer>): void {
  readSnapshot<Header, Line>(chunks, {
    header: (header) => restoreHeader(windows, header),
    line: (line) => restoreLine(windows, line),
  });
}

function restoreHeader(windows: BoundedValueWindows, header: Header): void {
  checkIdentity(header.identity, identityOf('value_count', windows.options));
  windows.nowMs = header.nowMs;
  windows.late = header.late;
  windows.duplicates = header.duplicates;
  windows.dropped = header.dropped;
  windows.retracted.forgotten = header.forgotten;
  windows.keys.budget.evictedOneShot = header.evictedOneShot;
  windows.keys.budget.evictedOther = header.evictedOther;
}

function restoreLine(windows: BoundedValueWindows, line: Line): void {
  if ('key' in line) windows.put(line.key, line.list);
  else if ('fired' in line) windows.fired.put(new ValueFiredKey(line.fired, windows.isWebHost));
  else if ('over' in line) windows.over.push({ ...line.over, values: new Map(line.over.values) });
  else windows.retracted.remember(...line.retracted);
}
