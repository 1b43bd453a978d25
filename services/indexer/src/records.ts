import { type AlertChange, type Block, decodeEvent, type FleetEvent, parseNetwork } from '@fleetwall/core';

/** What a record holds, or why it is nothing of the kind. */
export type Read<T> = { value: T } | { reason: string };

/** More than the bus of a cluster carries; a store must not be asked to keep what nobody can have sent. */
const MAX_EVENT_BYTES = 1_000_000;
const MAX_ID_LENGTH = 512;
const STATES = new Set(['open', 'withdrawn', 'over']);

type Fields = Record<string, unknown>;

/** An object with a time; the store judges its fields. */
export function readEvent(value: Buffer): Read<FleetEvent> {
  if (value.length > MAX_EVENT_BYTES) return { reason: `it has ${value.length} bytes, more than ${MAX_EVENT_BYTES}` };
  return read(value, decodeEvent, (event) => {
    return Number.isFinite(event['@timestamp']) ? undefined : 'it has no @timestamp';
  });
}

export function readAlert(value: Buffer): Read<AlertChange> {
  return read(
    value,
    parse,
    ({ id, version, state, rule, tenant, level, firstMs, lastMs, key, contributors, cleared }) => {
      if (!isId(id) || !areTexts([rule, tenant, level])) return 'it is no alert: id, rule, tenant or level is missing';
      if (![version, firstMs, lastMs].every(Number.isSafeInteger)) return 'it is no alert: version or time is missing';
      if (!STATES.has(state as string)) return 'it is no alert: its state is unknown';
      if (!isObject(key) || !areTexts(Object.values(key))) return 'it is no alert: its key is missing';
      const isContributor = (one: unknown) =>
        isObject(one) && typeof one['value'] === 'string' && Number.isFinite(one['count']);
      if (!Array.isArray(contributors) || !contributors.every(isContributor))
        return 'it is no alert: its contributors are wrong';
      return Array.isArray(cleared) && areTexts(cleared) ? undefined : 'it is no alert: what is cleared is missing';
    },
  );
}

export function readBlock(value: Buffer): Read<Block> {
  return read(value, parse, ({ id, version, target, scope, state, atMs, untilMs }) => {
    if (!isId(id) || !areTexts([target, state])) return 'it is no block: id, target or state is missing';
    if (![version, atMs, untilMs].every(Number.isSafeInteger)) return 'it is no block: version or time is missing';
    if (!isNetwork(target as string)) return 'it is no block: its target is no address or network';
    return isObject(scope) && typeof scope['type'] === 'string' ? undefined : 'it is no block: its scope is missing';
  });
}

function read<T>(
  value: Buffer,
  decode: (json: string) => unknown,
  fault: (fields: Fields) => string | undefined,
): Read<T> {
  const json = value.toString('utf8');
  // decodeEvent looks into what it decodes.
  if (json.trim() === 'null') return { reason: 'it is JSON, but no object' };
  let decoded: unknown;
  try {
    decoded = decode(json);
  } catch (error) {
    return { reason: `it is not JSON: ${(error as Error).message}` };
  }
  if (!isObject(decoded)) return { reason: 'it is JSON, but no object' };
  const reason = fault(decoded);
  return reason === undefined ? { value: decoded as T } : { reason };
}

function parse(json: string): unknown {
  return JSON.parse(json);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNetwork(text: string): boolean {
  try {
    parseNetwork(text);
    return true;
  } catch {
    return false;
  }
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH;
}

function areTexts(values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
