import { endianness } from 'node:os';
import type { CompactAttemptWindows } from './attempt-windows.js';
import { FiredKey, type FiredKeyState } from './fired-key.js';
import { KeyHash } from './key-hash.js';
import { CLASSES } from './key-table.js';
import { checkIdentity, damaged, type Identity, readSnapshot, writeSnapshot } from './snapshot-frames.js';
import type { Episode, WindowOptions } from './windows.js';

/** Rises whenever the meaning of any byte below changes. */
const VERSION = 1;

interface Header {
  identity: Identity;
  state: ReturnType<CompactAttemptWindows['table']['state']>;
  counters: { nowMs: number; late: number; duplicates: number; forgotten: number };
}

type Line = { fired: FiredKeyState } | { over: Episode } | { retracted: [key: string, id: number, timeMs: number] };

/** What tells windows apart; the seed is shown by a hash of nothing under it. */
export function identityOf(kind: string, options: WindowOptions): Identity {
  const { threshold, windowMs, latenessMs, seed } = options;
  const hash = new KeyHash(seed);
  hash.update('');
  return {
    kind,
    version: VERSION,
    byteOrder: endianness(),
    threshold,
    windowMs,
    latenessMs,
    seed: `${hash.low}/${hash.high}`,
  };
}

/**
 * Header (JSON), then the records of the table as they lie in memory, those with the most attempts first, then fired
 * keys, episodes that are over and retracted ids as lines of JSON.
 */
export function* snapshotAttempts(windows: CompactAttemptWindows): Iterable<Buffer> {
  const { nowMs, late, duplicates, retracted, table } = windows;
  const header: Header = {
    identity: identityOf('event_count', windows.options),
    state: table.state(),
    counters: { nowMs, late, duplicates, forgotten: retracted.forgotten },
  };
  yield* writeSnapshot({ header, words: recordsOf(windows), lines: linesOf(windows) }, () => windows.changes);
}

function* recordsOf({ table }: CompactAttemptWindows): Iterable<Uint8Array> {
  for (let cls = CLASSES - 1; cls >= 0; cls--) {
    for (const words of table.records(cls)) yield new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  }
}

function* linesOf(windows: CompactAttemptWindows): Iterable<Line> {
  for (const fired of windows.fired.values()) yield { fired: fired.state() };
  for (const over of windows.over) yield { over };
  for (const retracted of windows.retracted.entries()) yield { retracted };
}

/** Fills empty windows. Throws WINDOWS_SNAPSHOT_DAMAGED or WINDOWS_SNAPSHOT_FOREIGN, leaving them in between. */
export function restoreAttempts(windows: CompactAttemptWindows, chunks: Iterable<Buffer>): void {
  let takeRecords: ((records: Buffer) => void) | undefined;
  readSnapshot<Header, Line>(chunks, {
    header: (header) => {
      takeRecords = restoreHeader(windows, header);
    },
    words: (records) => takeRecords?.(records),
    line: (line) => restoreLine(windows, line),
  });
}

/** Answers what takes the records that follow. */
function restoreHeader(
  windows: CompactAttemptWindows,
  { identity, state, counters }: Header,
): (records: Buffer) => void {
  checkIdentity(identity, identityOf('event_count', windows.options));
  windows.nowMs = counters.nowMs;
  windows.late = counters.late;
  windows.duplicates = counters.duplicates;
  windows.retracted.forgotten = counters.forgotten;
  windows.table.restoreState(state);
  const lengths = [...state.lengths];
  let cls = CLASSES - 1;
  return (records) => {
    while (cls > 0 && lengths[cls] === 0) cls -= 1;
    (lengths[cls] as number) -= windows.table.restoreRecords(cls, records);
    if ((lengths[cls] as number) < 0) throw damaged('it has more keys than it says');
  };
}

function restoreLine(windows: CompactAttemptWindows, line: Line): void {
  if ('fired' in line) windows.fired.put(new FiredKey(line.fired.key, line.fired, windows.isWebHost));
  else if ('over' in line) windows.over.push(line.over);
  else windows.retracted.remember(...line.retracted);
}
