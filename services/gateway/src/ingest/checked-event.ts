import { canonicalAddress, type FieldValue, type FleetEvent } from '@fleetwall/core';

const MAX_FIELDS = 200;
/** The end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;
const MAX_ATTEMPTS = 100;

/** Fields that only the gateway writes. */
const STAMPED = new Set(['agent.id', 'host.id', 'organization.id', 'event.ingested']);
/** ECS and our own; `_id`, `__proto__` and the like are none. */
const FIELD_NAME = /^[a-z][a-zA-Z0-9_]*(\.[a-zA-Z0-9_@-]+)*$/;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isList: Check = (value) => Array.isArray(value) && value.every(isText);
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isAttemptId: Check = (value) => isText(value) && /^[0-9a-f]{12}$/.test(value as string);
const isAddress: Check = (value) => isText(value) && canonicalAddress(value as string) === value;
const isOneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);

const REQUIRED: Record<string, Check> = {
  'event.original': isText,
  'event.kind': isOneOf('event'),
  'event.module': isText,
  'event.category': isList,
  'event.type': isList,
  'event.action': isText,
  'process.name': isText,
  'fleetwall.evidence': isOneOf('handshake', 'spoofable', 'unauthenticated'),
};

/** What matching and counting rely on, where it is there. */
const OPTIONAL: Record<string, Check> = {
  'event.outcome': isOneOf('success', 'failure', 'unknown'),
  'event.id': isText,
  'process.pid': isCount,
  'source.ip': isAddress,
  'source.port': isCount,
  'source.domain': isText,
  'user.name': isText,
  'user.hash': isText,
  'fleetwall.attempt.role': isOneOf('attempt', 'part', 'summary'),
  'fleetwall.attempt.count': isCount,
  'fleetwall.attempt.id': isAttemptId,
  'fleetwall.attempt.ids': (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MAX_ATTEMPTS && value.every(isAttemptId),
  'fleetwall.history': isFlag,
};

/**
 * An event as a collector writes it (`encodeEvent` of core), or what is wrong with it. Everything behind the gateway relies
 * on these types. Fields that only the gateway may set, and names that are no fields, are left out and counted.
 */
export function checkedEvent(
  fields: Readonly<Record<string, unknown>>,
): { event: FleetEvent; stampedOver: number } | { problem: string } {
  const names = Object.keys(fields);
  if (names.length > MAX_FIELDS) return { problem: `${names.length} fields; at most ${MAX_FIELDS} are taken` };
  const time = fields['@timestamp'];
  const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (!(timeMs >= 0 && timeMs <= MAX_TIME_MS)) {
    return { problem: '@timestamp is no ISO 8601 time' };
  }
  const missing = Object.keys(REQUIRED).find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) return { problem: `${missing} is missing` };
  const event: Record<string, FieldValue> = { '@timestamp': timeMs };
  let stampedOver = 0;
  for (const name of names) {
    if (name === '@timestamp' || name === 'host.name') continue;
    if (STAMPED.has(name) || !FIELD_NAME.test(name) || name in Object.prototype) stampedOver++;
    else if (!checkOf(name)(fields[name])) return { problem: `${name} has no value that it may have` };
    else event[name] = fields[name] as FieldValue;
  }
  return { event: event as FleetEvent, stampedOver };
}

function checkOf(name: string): Check {
  return REQUIRED[name] ?? OPTIONAL[name] ?? isFieldValue;
}

function isFieldValue(value: unknown): boolean {
  return isText(value) || isFlag(value) || Number.isFinite(value) || isList(value);
}
