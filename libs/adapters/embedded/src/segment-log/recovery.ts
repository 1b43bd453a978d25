import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LogFiles } from './files.js';
import {
  decodeMark,
  encodeMark,
  encodePreamble,
  encodeState,
  FrameKind,
  findMarker,
  HEADER_BYTES,
  MARKER_BYTES,
  PREAMBLE_BYTES,
  sealFrame,
} from './frame.js';
import { firstOffsetOf, Segment, segmentName } from './segment.js';

/** What is in the directory, shared by the log's writer and readers. */
export interface LogContents {
  readonly directory: string;
  readonly files: LogFiles;
  readonly marker: Buffer;
  /** In order of offset, at least one; the last is written to. */
  segments: Segment[];
  /** First offset that is still wanted. */
  low: number;
  /** Offset of the next record; everything below is durable. */
  next: number;
  /** Latest durable state of the caller. */
  state: Buffer | undefined;
}

/** What opening found wrong with the last segment. */
export interface TailLoss {
  /** Bytes after the last whole frame, removed. */
  cutBytes: number;
  /** Frames that are damaged with whole ones behind them. */
  damaged: { path: string; position: number; bytes: number; records: number }[];
}

/**
 * Reads the last segment frame by frame, cuts what follows its last whole frame, and takes the others by their names
 * unread. Every segment begins with a mark and the latest state, so the last one is enough, unless it is damaged or
 * was never finished: then the one before is asked.
 */
export async function recover(directory: string, files: LogFiles): Promise<{ contents: LogContents; loss: TailLoss }> {
  await files.makeDirectory(directory);
  const names = (await files.list(directory)).sort();
  for (const name of names.filter((name) => name.endsWith('.tmp'))) await files.remove(join(directory, name));
  const segments: Segment[] = [];
  for (const name of names) {
    const firstOffset = firstOffsetOf(name);
    if (firstOffset === undefined) continue;
    segments.push(new Segment(files, directory, firstOffset, await files.size(join(directory, name))));
  }
  const marker = (await markerOf(segments, files)) ?? randomBytes(MARKER_BYTES);
  const contents: LogContents = { directory, files, marker, segments, low: 0, next: 0, state: undefined };
  const loss: TailLoss = { cutBytes: 0, damaged: [] };
  if (segments.length === 0) segments.push(await createFirst(contents));
  contents.low = (segments[0] as Segment).firstOffset;
  await readTail(contents, loss);
  return { contents, loss };
}

async function createFirst({ directory, files, marker }: LogContents): Promise<Segment> {
  const file = await files.open(join(directory, segmentName(0)), 'create');
  try {
    await file.write(encodePreamble(marker), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncDirectory(directory);
  return new Segment(files, directory, 0, PREAMBLE_BYTES);
}

async function markerOf(segments: readonly Segment[], files: LogFiles): Promise<Buffer | undefined> {
  for (const segment of [...segments].reverse()) {
    const file = await files.open(segment.path, 'read');
    try {
      const start = Buffer.alloc(PREAMBLE_BYTES + HEADER_BYTES);
      const marker = findMarker(start.subarray(0, await file.read(start, 0)));
      if (marker) return marker;
    } finally {
      await file.close();
    }
  }
  return undefined;
}

async function readTail(contents: LogContents, loss: TailLoss): Promise<void> {
  const tail = contents.segments.at(-1) as Segment;
  const found = await scan(contents, tail, loss);
  let { state, low } = found;
  let isSure = found.isWhole;
  for (let i = contents.segments.length - 2; i >= 0 && !isSure && !state; i--) {
    const before = await scan(contents, contents.segments[i] as Segment, undefined);
    state = before.state;
    low = Math.max(low, before.low);
    isSure = before.isWhole;
  }
  contents.next = found.next;
  contents.state = state;
  contents.low = Math.min(Math.max(contents.low, low), found.next);
  loss.cutBytes = Math.max(0, tail.size - found.end);
  if (tail.size !== found.end || state !== found.state) await repair(contents, tail, found.end);
}

interface Scan {
  /** Offset after the last record, the damaged ones included as far as their headers tell. */
  next: number;
  /** Position after the last whole frame. */
  end: number;
  low: number;
  state: Buffer | undefined;
  /** Begins with its mark and has no damage, so that a state before it would be in it. */
  isWhole: boolean;
}

async function scan({ marker }: LogContents, segment: Segment, loss: TailLoss | undefined): Promise<Scan> {
  const result: Scan = { next: segment.firstOffset, end: PREAMBLE_BYTES, low: 0, state: undefined, isWhole: false };
  await segment.withFrames(marker, PREAMBLE_BYTES, 1 << 20, async (frames) => {
    let damaged: TailLoss['damaged'] = [];
    for (let frame = await frames.next(); frame; frame = await frames.next()) {
      const { header, position, bytes } = frame;
      if (header) result.next = Math.max(result.next, header.firstOffset + header.count);
      if (frame.type === 'damage') {
        damaged.push({ path: segment.path, position, bytes, records: header?.count ?? 0 });
        result.isWhole = false;
        continue;
      }
      loss?.damaged.push(...damaged);
      damaged = [];
      result.end = position + bytes;
      if (frame.header.kind === FrameKind.records) segment.index(frame.header.firstOffset, position);
      if (frame.header.kind === FrameKind.mark) {
        result.low = Math.max(result.low, frame.header.firstOffset);
        result.next = Math.max(result.next, decodeMark(frame.payload as Buffer));
        if (position === PREAMBLE_BYTES) result.isWhole = true;
      }
      if (frame.header.kind === FrameKind.state) result.state = Buffer.from(frame.payload as Buffer);
    }
  });
  return result;
}

/** Cuts the tail, and writes down there what only the cut part or an older segment told: the offsets and the state. */
async function repair({ files, marker, low, next, state }: LogContents, tail: Segment, end: number): Promise<void> {
  const nowMs = Date.now();
  const frames = [encodeMark(next), ...(state ? [encodeState(state)] : [])];
  frames.forEach((frame, i) => {
    sealFrame(frame, marker, i === 0 ? low : next, nowMs);
  });
  const bytes = Buffer.concat(frames.map((frame) => frame.bytes));
  const file = await files.open(tail.path, 'write');
  try {
    if (end === PREAMBLE_BYTES) await file.write(encodePreamble(marker), 0);
    await file.truncate(end);
    await file.write(bytes, end);
    await file.sync();
  } finally {
    await file.close();
  }
  tail.size = end + bytes.length;
}
