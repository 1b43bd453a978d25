import { crc32 } from 'node:zlib';
import { windowsError } from './errors.js';

/**
 * A snapshot is a row of frames, each with a header of 20 bytes (little-endian) and a payload of at most 512 KiB:
 *
 *     magic u32 | number u32, from 0 | type u32 | payload bytes u32 | CRC-32 u32 of the header before it and the payload
 *
 * The first is a `header`, the last an `end`. Readers take the bytes in chunks of any size.
 */
const MAGIC = 0x57_46_01_00;
const HEADER_BYTES = 20;
const MAX_PAYLOAD_BYTES = 512 * 1024;

const FRAME = { header: 1, words: 2, lines: 3, end: 4 } as const;

interface Frame {
  type: number;
  payload: Buffer;
}

/** What windows a snapshot is of; all of it must be equal to restore one. */
export type Identity = Record<string, string | number>;

/** What a snapshot holds, in this order. */
export interface SnapshotContent {
  /** As JSON. */
  header: unknown;
  /** Records as they lie in memory, each at most 512 KiB. */
  words?: Iterable<Uint8Array>;
  /** As JSON, one a line. */
  lines: Iterable<unknown>;
}

/** What takes a snapshot in, in the order of its content. */
export interface SnapshotTaker<Header, Line> {
  header(header: Header): void;
  words?(records: Buffer): void;
  /** What it throws says that the line cannot be read. */
  line(line: Line): void;
}

/**
 * The frames of a snapshot, made as they are taken.
 *
 * @param changesOf rises with every change of the windows: throws WINDOWS_SNAPSHOT_STALE when it does meanwhile
 */
export function* writeSnapshot(content: SnapshotContent, changesOf: () => number): Iterable<Buffer> {
  const changes = changesOf();
  for (const frame of framesOf(content)) {
    if (changesOf() !== changes) throw windowsError('WINDOWS_SNAPSHOT_STALE');
    yield frame;
  }
}

function* framesOf({ header, words = [], lines }: SnapshotContent): Iterable<Buffer> {
  const writer = new FrameWriter();
  yield writer.frame(FRAME.header, Buffer.from(JSON.stringify(header)));
  for (const records of words) yield writer.frame(FRAME.words, records);
  yield* writer.lines(lines);
  yield writer.frame(FRAME.end, new Uint8Array(0));
}

/** Gives a snapshot's content to the taker. Throws WINDOWS_SNAPSHOT_DAMAGED, with a part of it taken. */
export function readSnapshot<Header, Line>(chunks: Iterable<Buffer>, taker: SnapshotTaker<Header, Line>): void {
  const reader = new LineReader();
  let headed = false;
  for (const { type, payload } of readFrames(chunks)) {
    if (type === FRAME.header) {
      taker.header(parsed(() => JSON.parse(payload.toString()) as Header));
      headed = true;
    } else if (!headed) {
      throw damaged('its header is missing');
    } else if (type === FRAME.words) {
      taker.words?.(payload);
    } else if (type === FRAME.lines) {
      parsed(() => {
        for (const line of reader.read(payload) as Iterable<Line>) taker.line(line);
      });
    }
  }
}

/** Gives frames their numbers. */
class FrameWriter {
  #number = 0;

  frame(type: number, payload: Uint8Array): Buffer {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
    frame.writeUInt32LE(MAGIC, 0);
    frame.writeUInt32LE(this.#number, 4);
    frame.writeUInt32LE(type, 8);
    frame.writeUInt32LE(payload.length, 12);
    frame.set(payload, HEADER_BYTES);
    frame.writeUInt32LE(checksum(frame), 16);
    this.#number += 1;
    return frame;
  }

  /** One JSON value a line, in as few frames as hold them; a long line goes over several. */
  *lines(values: Iterable<unknown>): Iterable<Buffer> {
    let pending = '';
    for (const value of values) {
      pending += `${JSON.stringify(value)}\n`;
      if (pending.length < MAX_PAYLOAD_BYTES / 2) continue;
      yield* this.#text(pending);
      pending = '';
    }
    if (pending.length > 0) yield* this.#text(pending);
  }

  *#text(text: string): Iterable<Buffer> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
      yield this.frame(FRAME.lines, bytes.subarray(at, at + MAX_PAYLOAD_BYTES));
    }
  }
}

/** The frames of a snapshot, `end` included. Throws WINDOWS_SNAPSHOT_DAMAGED. */
function* readFrames(chunks: Iterable<Buffer>): Iterable<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  let number = 0;
  let ended = false;
  for (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      if (ended && pending.length > 0) throw damaged('there is more after its end');
      const frame = firstFrame(pending, number);
      if (!frame) break;
      pending = pending.subarray(HEADER_BYTES + frame.payload.length);
      number += 1;
      ended = frame.type === FRAME.end;
      yield frame;
    }
  }
  if (!ended) throw damaged('its end is missing');
}

/** The values of `lines` frames, which come in a row. */
class LineReader {
  #pending: Buffer[] = [];

  *read(payload: Buffer): Iterable<unknown> {
    let from = 0;
    for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, from)) {
      const line = Buffer.concat([...this.#pending.splice(0), payload.subarray(from, at)]);
      from = at + 1;
      yield JSON.parse(line.toString());
    }
    if (from < payload.length) this.#pending.push(Buffer.from(payload.subarray(from)));
  }
}

/** Throws WINDOWS_SNAPSHOT_FOREIGN unless the snapshot is of the same windows. */
export function checkIdentity(found: Identity, expected: Identity): void {
  for (const [field, value] of Object.entries(expected)) {
    if (found[field] === value) continue;
    throw windowsError('WINDOWS_SNAPSHOT_FOREIGN', { field, found: String(found[field]), expected: value });
  }
}

export function damaged(reason: string, cause?: unknown): Error {
  return windowsError('WINDOWS_SNAPSHOT_DAMAGED', { reason }, { cause });
}

/** What `parse` gives; where it throws, the snapshot is damaged. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw damaged('a line of it cannot be read', cause);
  }
}

function firstFrame(bytes: Buffer, number: number): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = bytes.readUInt32LE(12);
  if (bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== number || length > MAX_PAYLOAD_BYTES) {
    throw damaged(`frame ${number} has a wrong beginning`);
  }
  if (bytes.length < HEADER_BYTES + length) return undefined;
  const frame = bytes.subarray(0, HEADER_BYTES + length);
  if (checksum(frame) !== frame.readUInt32LE(16)) throw damaged(`frame ${number} has a wrong checksum`);
  return { type: frame.readUInt32LE(8), payload: frame.subarray(HEADER_BYTES) };
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(HEADER_BYTES), crc32(frame.subarray(0, 16)));
}
