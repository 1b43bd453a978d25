import { toUSVString } from 'node:util';
import type { FleetEvent } from '@fleetwall/core';
import { columnOf } from './columns.js';
import { DAY_MS } from './day.js';

const YEAR_2000_MS = Date.UTC(2000, 0, 1);
const MAX_AHEAD_MS = 2 * DAY_MS;
const MAX_ID_BYTES = 512;

/** Why an event can never be stored as it is; undefined when it can. Field names in reasons are cut to 100 characters. */
export function reasonToReject(event: FleetEvent, nowMs: number): string | undefined {
  return wrongTime(event['@timestamp'], nowMs) ?? wrongId(event['event.id']) ?? wrongField(event);
}

function wrongTime(timeMs: unknown, nowMs: number): string | undefined {
  if (!Number.isSafeInteger(timeMs)) return '@timestamp is not a whole number of milliseconds';
  if ((timeMs as number) < YEAR_2000_MS) return '@timestamp is before the year 2000';
  if ((timeMs as number) > nowMs + MAX_AHEAD_MS) return '@timestamp is more than two days ahead of the clock';
  return undefined;
}

function wrongId(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return 'event.id is missing';
  if (Buffer.byteLength(id) > MAX_ID_BYTES) return `event.id is longer than ${MAX_ID_BYTES} bytes`;
  // Its text would change on the way to the file, and then a second copy would not be recognised.
  if (toUSVString(id) !== id) return 'event.id is not well-formed Unicode';
  return undefined;
}

function wrongField(event: FleetEvent): string | undefined {
  for (const field of Object.keys(event)) {
    const value: unknown = event[field];
    if (value === undefined) continue;
    const expected = columnOf(field)?.kind;
    const right =
      expected === 'text'
        ? typeof value === 'string'
        : expected === 'integer'
          ? Number.isSafeInteger(value)
          : expected === 'list'
            ? isTextList(value)
            : typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) || isTextList(value);
    if (!right) return `${field.slice(0, 100)} is not ${wantedType(expected)}`;
  }
  return undefined;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function wantedType(kind: 'text' | 'integer' | 'list' | undefined): string {
  if (kind === 'text') return 'text';
  if (kind === 'integer') return 'a whole number';
  if (kind === 'list') return 'a list of texts';
  return 'text, a number, a boolean or a list of texts';
}
