import { toUSVString } from 'node:util';
import { type DuckDBValue, listValue } from '@duckdb/node-api';
import { canonicalAddress, type FieldValue, type FleetEvent, parseNetwork } from '@fleetwall/core';
import {
  columnOf,
  EVENT_JSON_COLUMNS,
  FIELD_COLUMNS,
  type FieldColumn,
  JSON_COLUMNS,
  type JsonColumn,
} from './columns.js';

/** One event as the values of a day's table, in the order of its columns. */
export type EventRow = DuckDBValue[];

const MAPPED = 0xffffn << 32n;
const LOW_64 = (1n << 64n) - 1n;

/** The address as an unsigned number of 128 bits, IPv4 in its mapped form; undefined when the text is none. */
export function addressNumber(text: string): bigint | undefined {
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return undefined;
  const { family, first } = parseNetwork(canonical);
  return family === 4 ? MAPPED | first : first;
}

/** Turns an event that was admitted into a row. */
export function eventRow(event: FleetEvent): EventRow {
  const row: EventRow = [];
  for (const column of FIELD_COLUMNS) pushColumn(row, column, event[column.field]);
  const rest = jsonColumns(event);
  for (const name of JSON_COLUMNS) row.push(rest[name] ? JSON.stringify(Object.fromEntries(rest[name])) : null);
  return row;
}

function pushColumn(row: EventRow, column: FieldColumn, value: FieldValue): void {
  if (value === undefined) {
    row.push(null);
    if (column.address) row.push(null, null);
  } else if (column.kind === 'integer') {
    row.push(BigInt(value as number));
  } else if (column.kind === 'list') {
    row.push(listValue(value as string[]));
  } else {
    row.push(value as string);
    if (!column.address) return;
    const number = addressNumber(value as string);
    row.push(number === undefined ? null : number >> 64n, number === undefined ? null : number & LOW_64);
  }
}

type Entries = [field: string, value: string | string[]][];

function jsonColumns(event: FleetEvent): Partial<Record<JsonColumn, Entries>> {
  const rest: Partial<Record<JsonColumn, Entries>> = {};
  // Half surrogates have no place in JSON: a single one would make the whole day's column unreadable.
  const add = (column: JsonColumn, field: string, value: string | string[]) => {
    rest[column] ??= [];
    rest[column].push([toUSVString(field), typeof value === 'string' ? toUSVString(value) : value.map(toUSVString)]);
  };
  for (const field of Object.keys(event)) {
    const value = event[field];
    if (value === undefined || columnOf(field)) continue;
    if (typeof value === 'string') add('texts', field, value);
    else if (Array.isArray(value)) add('lists', field, value);
    else add(typeof value === 'number' ? 'numbers' : 'flags', field, String(value));
    if (field.endsWith('.ip')) addAddresses(add, field, value);
  }
  return rest;
}

function addAddresses(
  add: (column: JsonColumn, field: string, value: string[]) => void,
  field: string,
  value: string | number | boolean | string[],
): void {
  const texts = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  const numbers = texts.map(addressNumber).filter((number) => number !== undefined);
  if (numbers.length > 0) add('addresses', field, numbers.map(addressHex));
}

/** 32 hexadecimal digits, so that text order is number order. */
export function addressHex(number: bigint): string {
  return number.toString(16).padStart(32, '0');
}

/** The reverse of {@link eventRow}, from the JSON of EVENT_JSON_SQL. */
export function eventFromJson(json: string): FleetEvent {
  const row = JSON.parse(json) as unknown[];
  const entries: [string, unknown][] = [];
  FIELD_COLUMNS.forEach(({ field }, at) => {
    if (row[at] !== null) entries.push([field, row[at]]);
  });
  EVENT_JSON_COLUMNS.forEach((column, at) => {
    const fields = row[FIELD_COLUMNS.length + at] as Record<string, string> | null;
    for (const [field, value] of Object.entries(fields ?? {})) entries.push([field, typedValue(column, value)]);
  });
  // fromEntries defines properties, so a field named __proto__ is a field like any other.
  return Object.fromEntries(entries) as FleetEvent;
}

function typedValue(column: JsonColumn, value: string): unknown {
  if (column === 'numbers') return Number(value);
  return column === 'flags' ? value === 'true' : value;
}
