import type { Readable } from 'node:stream';
import { encodeEvent, type FleetEvent } from '@fleetwall/core';
import { consoleError } from '../api/errors.js';
import { endState, exportFile, type FileFormat, ndjsonEnd } from '../api/export-file.js';
import { iso } from '../api/iso.js';
import { csvRow } from './csv.js';

export type ExportFormat = 'ndjson' | 'csv';

const MOST_AT_ONCE = 4;

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

const FORMATS: Record<ExportFormat, FileFormat<FleetEvent>> = {
  ndjson: {
    rowOf: (event) => `${encodeEvent(event)}\n`,
    endOf: (events, code) => ndjsonEnd({ events }, code),
  },
  csv: {
    head: csvRow(COLUMNS),
    rowOf: csvOf,
    endOf: (events, code) => csvRow([endState(code), String(events), ...(code === undefined ? [] : [code])]),
  },
};

/**
 * Events as a file ({@link exportFile}). The last line says whether it is complete:
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
    const stream = exportFile(events, FORMATS[format]);
    stream.once('close', () => this.#underWay--);
    return stream;
  }
}

function csvOf(event: FleetEvent): string {
  const time = iso(event['@timestamp']);
  return csvRow(COLUMNS.map((field) => (field === '@timestamp' ? time : textOf(event[field]))));
}

function textOf(value: FleetEvent[string]): string {
  return Array.isArray(value) ? value.join(' ') : String(value ?? '');
}
