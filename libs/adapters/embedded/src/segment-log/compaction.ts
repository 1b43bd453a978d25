import { type LogFile, writeDraft } from './files.js';
import {
  decodeRecords,
  encodeMark,
  encodePreamble,
  encodeRecords,
  encodeState,
  FrameKind,
  type StoredRecord,
  sealFrame,
  type UnsealedFrame,
} from './frame.js';
import type { LogContents } from './recovery.js';
import { Segment } from './segment.js';

export interface CompactionOptions {
  /** Empty records appended before this time go, too. */
  emptyBeforeMs: number;
  /** Begins a new segment, so that all records are in closed ones. */
  roll: () => Promise<void>;
  onDamage: (damage: { path: string; position: number; bytes: number; records: number }) => void;
}

/** Closed segments are merged up to about this size. */
const MERGED_BYTES = 16 << 20;

/**
 * Rewrites all but the last segment of a log, if that makes it half as long. Runs of segments become one with the name of
 * the first: written beside it, synced, then renamed over it, which is the switch; only then the others are deleted.
 * Until they are, they hold what readers get for their offsets, since a segment ends where the next begins.
 *
 * Answers the bytes left of what was there at the call.
 */
export async function compactSegments(contents: LogContents, options: CompactionOptions): Promise<number> {
  const scannedTo = contents.next;
  const scannedBytes = sizeOf(contents.segments);
  const { last, records, wanted } = await lastOffsets(contents, options);
  if (records < 2 * wanted || records === 0) return scannedBytes;
  await options.roll();
  const isWanted = ({ offset, key, value, timestampMs }: StoredRecord) =>
    offset >= scannedTo || (last.get(key) === offset && (value.length > 0 || timestampMs >= options.emptyBeforeMs));
  const closed = contents.segments.slice(0, -1);
  for (let from = 0; from < closed.length; ) {
    let to = from + 1;
    for (let bytes = closed[from]?.size ?? 0; to < closed.length; to++) {
      bytes += (closed[to] as Segment).size;
      if (bytes > MERGED_BYTES) break;
    }
    await rewrite(contents, closed.slice(from, to), isWanted);
    from = to;
  }
  // What was appended meanwhile is no measure of what compaction leaves.
  return sizeOf(contents.segments.filter(({ firstOffset }) => firstOffset < scannedTo));
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.size, 0);
}

async function lastOffsets(
  contents: LogContents,
  { emptyBeforeMs, onDamage }: CompactionOptions,
): Promise<{ last: Map<string, number>; records: number; wanted: number }> {
  const last = new Map<string, number>();
  const removed = new Set<string>();
  let records = 0;
  const visit = ({ key, offset, value, timestampMs }: StoredRecord) => {
    last.set(key, offset);
    if (value.length === 0 && timestampMs < emptyBeforeMs) removed.add(key);
    else removed.delete(key);
    records++;
  };
  for (const segment of contents.segments.slice()) await eachRecord(contents, segment, visit, onDamage);
  return { last, records, wanted: last.size - removed.size };
}

async function eachRecord(
  contents: LogContents,
  segment: Segment,
  visit: (record: StoredRecord) => unknown,
  onDamage: CompactionOptions['onDamage'] = () => {},
): Promise<void> {
  const following = contents.segments[contents.segments.indexOf(segment) + 1];
  const end = following?.firstOffset ?? contents.next;
  await segment.withFrames(contents.marker, segment.locate(0), 1 << 20, async (frames) => {
    for (let frame = await frames.next(); frame; frame = await frames.next()) {
      if (frame.type === 'damage') onDamage({ ...frame, path: segment.path, records: frame.header?.count ?? 0 });
      else if (frame.header.kind === FrameKind.records && frame.header.firstOffset < end) {
        const records: StoredRecord[] = [];
        decodeRecords(frame.header, frame.payload as Buffer, contents.low, frame.header.count, records);
        for (const record of records) visit(record);
      }
    }
  });
}

async function rewrite(
  contents: LogContents,
  run: Segment[],
  isWanted: (record: StoredRecord) => boolean,
): Promise<void> {
  const { directory, files, segments } = contents;
  const first = run[0] as Segment;
  const draft = `${first.path}.tmp`;
  const size = await writeDraft(files, draft, (file) => writeWanted(contents, run, isWanted, file));
  const merged = new Segment(files, directory, first.firstOffset, size);
  await files.rename(draft, first.path);
  await files.syncDirectory(directory);
  segments.splice(segments.indexOf(first), 1, merged);
  for (const segment of run.slice(1)) {
    await files.remove(segment.path);
    segments.splice(segments.indexOf(segment), 1);
  }
  await files.syncDirectory(directory);
}

/** Records of one time with consecutive offsets share a frame, as the layout wants it. */
async function writeWanted(
  contents: LogContents,
  run: Segment[],
  isWanted: (record: StoredRecord) => boolean,
  file: LogFile,
): Promise<number> {
  const { marker, low, state } = contents;
  let size = 0;
  const write = async (bytes: Buffer) => {
    await file.write(bytes, size);
    size += bytes.length;
  };
  await write(encodePreamble(marker));
  const first = run[0] as Segment;
  const beganMs = (await first.firstTimeMs(marker)) ?? 0;
  await write(sealed(encodeMark(first.firstOffset), marker, low, beganMs));
  if (state) await write(sealed(encodeState(state), marker, first.firstOffset, beganMs));
  for (const segment of run) {
    const wanted: StoredRecord[] = [];
    await eachRecord(contents, segment, (record) => isWanted(record) && wanted.push(record));
    for (let from = 0; from < wanted.length; ) {
      const record = wanted[from] as StoredRecord;
      let to = from + 1;
      while (to < wanted.length && continues(record, wanted[to] as StoredRecord, to - from)) to++;
      let offset = record.offset;
      for (const frame of encodeRecords(wanted.slice(from, to))) {
        await write(sealed(frame, marker, offset, record.timestampMs));
        offset += frame.count;
      }
      from = to;
    }
  }
  return size;
}

function continues(first: StoredRecord, record: StoredRecord, distance: number): boolean {
  return record.offset === first.offset + distance && record.timestampMs === first.timestampMs;
}

function sealed(frame: UnsealedFrame, marker: Buffer, offset: number, timestampMs: number): Buffer {
  sealFrame(frame, marker, offset, timestampMs);
  return frame.bytes;
}
