import { createHmac, hash } from 'node:crypto';
import type { IngestSource } from '@fleetwall/config';
import type { BusRecord } from '@fleetwall/core';
import { type JsonRecord, placeOf } from '@fleetwall/sources';

/** What a collector's `EventIds` puts behind the agent: stream, position, digest. */
const LINE_ID = /^[0-9a-f]{16}-[0-9a-z]{1,32}-[0-9a-f]{16}$/;

/**
 * The id of an event: the same when its shipper sends it again, and never that of another shipper's event.
 *
 * A collector's own id is kept when it begins with the agent that the configuration names. Everything else has the agent
 * and 128 bits of an HMAC-SHA-256 over principal, host, where the record lay and its words; over topic, partition, offset
 * and bytes when it does not say where it lay.
 *
 * @param key of all gateways: without it, a name that was masked in the event could be guessed by the id
 */
export function eventIdOf(
  source: IngestSource,
  host: string,
  json: JsonRecord,
  record: BusRecord,
  key: Buffer,
): string {
  const own = source.format === 'fleetwall' ? json.text('event.id') : undefined;
  const prefix = `${source.agent}-`;
  if (own?.startsWith(prefix) && LINE_ID.test(own.slice(prefix.length))) return own;
  const place = own === undefined ? placeOf(json) : ['event', own];
  const parts = [source.principal, host, ...(place ?? recordPlaceOf(record))];
  const digest = createHmac('sha256', key)
    .update(`event id\n${JSON.stringify(parts)}`)
    .digest('hex');
  return `${source.agent}-${digest.slice(0, 32)}`;
}

function recordPlaceOf({ topic, partition, offset, value }: BusRecord): string[] {
  return ['record', topic, String(partition), String(offset), hash('sha256', value, 'hex')];
}
