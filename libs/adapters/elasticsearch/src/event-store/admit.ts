import { type FleetEvent, wrongEventId, wrongEventTime } from '@fleetwall/core';
import { FIELDS, type FieldType } from './fields.js';

const DAY_MS = 86_400_000;
const YEAR_10000_MS = Date.UTC(10_000, 0, 1);
const MAX_FIELDS = 1_000;
const MAX_NAME_BYTES = 512;

/** Why an event can never be stored as it is; undefined when it can. Field names in reasons are cut to 100 characters. */
export function reasonToReject(event: FleetEvent, nowMs: number, oldestDays: number): string | undefined {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'it is not an event';
  return wrongTime(event['@timestamp'], nowMs, oldestDays) ?? wrongEventId(event['event.id']) ?? wrongFields(event);
}

function wrongTime(timeMs: unknown, nowMs: number, oldestDays: number): string | undefined {
  const wrong = wrongEventTime(timeMs, nowMs);
  if (wrong !== undefined) return wrong;
  if ((timeMs as number) < nowMs - oldestDays * DAY_MS) return `@timestamp is more than ${oldestDays} days ago`;
  return undefined;
}

function wrongFields(event: FleetEvent): string | undefined {
  const names = Object.keys(event);
  if (names.length > MAX_FIELDS) return `it has ${names.length} fields, more than ${MAX_FIELDS}`;
  for (const field of names) {
    const value: unknown = event[field];
    if (value === undefined) continue;
    if (field.length > MAX_NAME_BYTES / 4 && Buffer.byteLength(field) > MAX_NAME_BYTES) {
      return `the name of ${field.slice(0, 100)}… is longer than ${MAX_NAME_BYTES} bytes`;
    }
    const type = FIELDS.get(field);
    if (!isRight(type, value)) return `${field.slice(0, 100)} is not ${wantedType(type)}`;
  }
  return undefined;
}

function isRight(type: FieldType | undefined, value: unknown): boolean {
  switch (type) {
    case 'keyword':
    case 'ip':
      return typeof value === 'string' || isTextList(value);
    case 'long':
      return Number.isSafeInteger(value);
    case 'date':
      return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < YEAR_10000_MS;
    case 'boolean':
      return typeof value === 'boolean';
    case undefined:
      return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) || isTextList(value);
  }
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function wantedType(type: FieldType | undefined): string {
  if (type === 'keyword' || type === 'ip') return 'text or a list of texts';
  if (type === 'long') return 'a whole number';
  if (type === 'date') return 'a time in whole milliseconds';
  return type === 'boolean' ? 'true or false' : 'text, a number, a boolean or a list of texts';
}
