import { protocolError } from './errors.js';
import { PROTOCOL_LIMITS } from './limits.js';

/** How the payload of a batch is compressed: not at all, gzip (RFC 1952) or zlib's deflate (RFC 1950). */
export const CODECS = ['identity', 'gzip', 'deflate'] as const;
export type Codec = (typeof CODECS)[number];

/**
 * One batch of events: a binary message from collector to gateway. Numbers are big-endian.
 *
 * ```
 * offset  bytes
 *      0      1  kind: 1, a batch
 *      1      1  codec: 0 identity, 1 gzip, 2 deflate
 *      2      2  0
 *      4      4  events: lines in the payload, 1 to 10,000
 *      8      8  sequence: 1 for the first batch of a connection, then 1 more each
 *     16      4  rawBytes: length of the payload before compression, 2 to 8 MiB
 *     20      …  payload: NDJSON, each event's JSON in UTF-8 followed by one line feed; compressed as a whole
 * ```
 */
export interface BatchFrame {
  codec: Codec;
  events: number;
  sequence: number;
  rawBytes: number;
  payload: Buffer;
}

export const BATCH_HEADER_BYTES = 20;
const KIND_BATCH = 1;

/** @throws BATCH_TOO_LARGE when a limit of the protocol is exceeded */
export function encodeBatchFrame({ codec, events, sequence, rawBytes, payload }: BatchFrame): Buffer {
  refuseBeyondLimits(events, rawBytes, BATCH_HEADER_BYTES + payload.length);
  const frame = Buffer.allocUnsafe(BATCH_HEADER_BYTES + payload.length);
  frame.writeUInt8(KIND_BATCH, 0);
  frame.writeUInt8(CODECS.indexOf(codec), 1);
  frame.writeUInt16BE(0, 2);
  frame.writeUInt32BE(events, 4);
  frame.writeBigUInt64BE(BigInt(sequence), 8);
  frame.writeUInt32BE(rawBytes, 16);
  payload.copy(frame, BATCH_HEADER_BYTES);
  return frame;
}

/**
 * The payload shares the frame's memory.
 *
 * @throws BATCH_INVALID for what is no batch, BATCH_TOO_LARGE beyond a limit
 */
export function decodeBatchFrame(frame: Buffer): BatchFrame {
  if (frame.length <= BATCH_HEADER_BYTES) throw invalid(`${frame.length} bytes are no batch`);
  if (frame.readUInt8(0) !== KIND_BATCH) throw invalid(`kind ${frame.readUInt8(0)} is unknown`);
  const codec = CODECS[frame.readUInt8(1)];
  if (!codec) throw invalid(`codec ${frame.readUInt8(1)} is unknown`);
  if (frame.readUInt16BE(2) !== 0) throw invalid('the reserved bytes are not 0');
  const events = frame.readUInt32BE(4);
  const sequence = frame.readBigUInt64BE(8);
  const rawBytes = frame.readUInt32BE(16);
  if (sequence < 1n || sequence > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`${sequence} is no sequence number`);
  if (events === 0 || rawBytes < 2 * events) throw invalid(`${events} events do not make ${rawBytes} bytes`);
  refuseBeyondLimits(events, rawBytes, frame.length);
  const payload = frame.subarray(BATCH_HEADER_BYTES);
  if (codec === 'identity' && payload.length !== rawBytes) {
    throw invalid(`${payload.length} bytes came, not ${rawBytes}`);
  }
  return { codec, events, sequence: Number(sequence), rawBytes, payload };
}

/** The payload before compression. */
export function joinEvents(events: readonly string[]): Buffer {
  return Buffer.from(`${events.join('\n')}\n`);
}

/**
 * The lines of a payload after inflation.
 *
 * @throws BATCH_INVALID when they are not as many, or not as long, as the header says
 */
export function splitEvents(raw: Buffer, { events, rawBytes }: Pick<BatchFrame, 'events' | 'rawBytes'>): string[] {
  if (raw.length !== rawBytes) throw invalid(`${raw.length} bytes came, not ${rawBytes}`);
  if (raw.at(-1) !== 0x0a) throw invalid('the last line has no end');
  const lines = raw.toString('utf8', 0, raw.length - 1).split('\n');
  if (lines.length !== events) throw invalid(`${lines.length} lines came, not ${events}`);
  return lines;
}

function refuseBeyondLimits(events: number, rawBytes: number, frameBytes: number): void {
  const beyond = (what: string, is: number, limit: number) => {
    if (is > limit) throw protocolError('BATCH_TOO_LARGE', { reason: `${is} ${what}, at most ${limit}` });
  };
  beyond('events', events, PROTOCOL_LIMITS.batchEvents);
  beyond('bytes before compression', rawBytes, PROTOCOL_LIMITS.batchBytes);
  beyond('bytes in a message', frameBytes, PROTOCOL_LIMITS.frameBytes);
}

function invalid(reason: string) {
  return protocolError('BATCH_INVALID', { reason });
}
