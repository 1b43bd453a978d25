import { toUSVString } from 'node:util';
import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { BYTES_FIELD, FIELDS, isReserved, OTHER_FIELDS, SEARCH } from './fields.js';
import { addTerms, type SearchTerms, wordsOf } from './search-terms.js';

export interface EventDocument {
  /** One line of JSON. */
  json: string;
  /** UTF-8 bytes of the event itself, without the terms of the index. */
  bytes: number;
}

/** The document of an event that was admitted: its mapped fields by name, all others as pairs under `fleetwall.other`. */
export function documentOf(event: FleetEvent): EventDocument {
  const mapped: Record<string, unknown> = {};
  const other: [string, FieldValue][] = [];
  const terms: SearchTerms = { values: [], numbers: [], addresses: [] };
  for (const field of Object.keys(event)) {
    const value = event[field];
    if (value === undefined) continue;
    const type = FIELDS.get(field);
    if (type === 'date') mapped[field] = new Date(value as number).toISOString();
    else if (type) mapped[field] = wellFormed(value);
    else {
      other.push([toUSVString(field), wellFormed(value)]);
      addTerms(terms, field, value);
    }
  }
  if (other.length > 0) mapped[OTHER_FIELDS] = { fields: other };
  const own = JSON.stringify(mapped);
  const bytes = Buffer.byteLength(own);
  const index: Record<string, unknown> = { [BYTES_FIELD]: bytes, [SEARCH.words]: wordsOf(textOf(event)) };
  for (const name of ['values', 'numbers', 'addresses'] as const) {
    if (terms[name].length > 0) index[SEARCH[name]] = terms[name];
  }
  return { json: `${own.slice(0, -1)},${JSON.stringify(index).slice(1)}`, bytes };
}

/** The reverse of {@link documentOf}, from the `_source` of a hit. */
export function eventOf(source: Record<string, unknown>): FleetEvent {
  const entries: [string, unknown][] = [];
  for (const [field, value] of Object.entries(source)) {
    if (isReserved(field)) continue;
    entries.push([field, FIELDS.get(field) === 'date' ? Date.parse(value as string) : value]);
  }
  const other = source[OTHER_FIELDS] as { fields: [string, unknown][] } | undefined;
  // fromEntries defines properties, so a field named __proto__ is a field like any other.
  return Object.fromEntries([...entries, ...(other?.fields ?? [])]) as FleetEvent;
}

/** Half surrogates have no place in UTF-8; they become U+FFFD. */
function wellFormed(value: FieldValue): FieldValue {
  if (typeof value === 'string') return toUSVString(value);
  return Array.isArray(value) ? value.map(toUSVString) : value;
}

function textOf(event: FleetEvent): string {
  const original: unknown = event['event.original'];
  return Array.isArray(original) ? original.join(' ') : String(original ?? '');
}
