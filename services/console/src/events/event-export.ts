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

const FORMATS: Record<ExportFormat, (missing: () => string[]) => FileFormat<FleetEvent>> = {
  ndjson: (missing) => ({
    rowOf: (event) => `${encodeEvent(event)}\n`,
    endOf: (events, code) => {
      const missingDays = missing();
      return ndjsonEnd({ events, ...(missingDays.length > 0 && { missingDays }) }, code);
    },
  }),
  csv: (missing) => ({
    head: csvRow(COLUMNS),
    rowOf: csvOf,
    endOf: (events, code) => {
      const missingDays = missing();
      const more = code === undefined && missingDays.length === 0 ? [] : [code ?? '', ...missingDays];
      return csvRow([endState(code), String(events), ...more]);
    },
  }),
};

/**
 * Events as a file ({@link exportFile}). The last line says whether it is complete:
 *
 *     {"fleetwall.export":"complete","events":1204}
 *     {"fleetwall.export":"complete","events":900,"missingDays":["2026-11-22"]}
 *     {"fleetwall.export":"failed","events":800,"code":"…"}
 *
 * and in CSV the same as a row of `complete` or `failed`, the number, the code, and days that are missing.
 */
export class EventExports {
  #underWay = 0;

  /**
   * Throws EXPORTS_BUSY.
   *
   * @param missingDays asked in the end: which days can be read only in part
   */
  stream(events: AsyncIterable<FleetEvent>, format: ExportFormat, missingDays: () => string[]): Readable {
    if (this.#underWay >= MOST_AT_ONCE) throw consoleError('EXPORTS_BUSY', { most: MOST_AT_ONCE });
    this.#underWay++;
    const stream = exportFile(events, FORMATS[format](missingDays));
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
