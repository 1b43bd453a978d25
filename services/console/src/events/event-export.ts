import { Readable } from 'node:stream';
import { encodeEvent, type FleetEvent, FleetwallError } from '@fleetwall/core';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { csvRow } from './csv.js';

export type ExportFormat = 'ndjson' | 'csv';

const MOST_AT_ONCE = 4;
const CHUNK_CHARS = 64 << 10;

const COLUMNS = [
  '@timestamp',
  'host.name',
  'event.module',
  'event.action',
  'event.outcome',
  'source.ip',
  'source.port',
  'user.name',
  'process.name',
  'organization.id',
  'fleetwall.evidence',
  'fleetwall.attempt.id',
  'event.id',
  'event.original',
];

/**
 * Events as a file, streamed in bounded memory: the store is asked for more only when the client has taken what there is.
 * The last line says whether it is complete:
 *
 *     {"fleetwall.export":"complete","events":1204}
 *     {"fleetwall.export":"failed","events":800,"code":"…"}
 *
 * and in CSV the same as a row of `complete` or `failed`, the number, and the code.
 */
export class EventExports {
  #underWay = 0;

  /** Throws EXPORTS_BUSY. */
  stream(events: AsyncIterable<FleetEvent>, format: ExportFormat): Readable {
    if (this.#underWay >= MOST_AT_ONCE) throw consoleError('EXPORTS_BUSY', { most: MOST_AT_ONCE });
    this.#underWay++;
    const stream = Readable.from(chunksOf(events, format), { objectMode: false, highWaterMark: CHUNK_CHARS });
    stream.once('close', () => this.#underWay--);
    return stream;
  }
}

async function* chunksOf(events: AsyncIterable<FleetEvent>, format: ExportFormat): AsyncGenerator<string> {
  const rowOf = format === 'csv' ? csvOf : ndjsonOf;
  let chunk = format === 'csv' ? csvRow(COLUMNS) : '';
  let count = 0;
  let end: { state: 'complete' | 'failed'; code?: string } = { state: 'complete' };
  try {
    for await (const event of events) {
      chunk += rowOf(event);
      count++;
      if (chunk.length < CHUNK_CHARS) continue;
      yield chunk;
      chunk = '';
    }
  } catch (error) {
    end = { state: 'failed', code: error instanceof FleetwallError ? error.code : 'INTERNAL' };
  }
  yield chunk + endOf(format, count, end);
}

function ndjsonOf(event: FleetEvent): string {
  return `${encodeEvent(event)}\n`;
}

function csvOf(event: FleetEvent): string {
  const time = iso(event['@timestamp']);
  return csvRow(COLUMNS.map((field) => (field === '@timestamp' ? time : textOf(event[field]))));
}

function textOf(value: FleetEvent[string]): string {
  return Array.isArray(value) ? value.join(' ') : String(value ?? '');
}

function endOf(format: ExportFormat, events: number, { state, code }: { state: string; code?: string }): string {
  if (format === 'csv') return csvRow([state, String(events), ...(code === undefined ? [] : [code])]);
  return `${JSON.stringify({ 'fleetwall.export': state, events, ...(code === undefined ? {} : { code }) })}\n`;
}
