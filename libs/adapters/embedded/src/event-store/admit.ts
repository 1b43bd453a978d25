import { type FleetEvent, wrongEventId, wrongEventTime } from '@fleetwall/core';
import { columnOf } from './columns.js';

/** Why an event can never be stored as it is; undefined when it can. Field names in reasons are cut to 100 characters. */
export function reasonToReject(event: FleetEvent, nowMs: number): string | undefined {
  return wrongEventTime(event['@timestamp'], nowMs) ?? wrongEventId(event['event.id']) ?? wrongField(event);
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
