import { NameMask } from '@fleetwall/assembly';
import type { IngestSource } from '@fleetwall/config';
import type { BusRecord } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { collectorEvent, filebeatRecord, R, sourceOf, T, winlogbeatRecord } from './ingest-records.test-support.js';
import { type Outcome, PartitionReader } from './partition-reader.js';

const SECRET = 'Xq7-typed-hunter';
let offset = 0;

const KEY = Buffer.alloc(32, 3);

function read(source: IngestSource, record: object, idKey: Buffer = KEY): Outcome {
  const value = Buffer.from(JSON.stringify(record));
  const one: BusRecord = { topic: 't', partition: 0, offset: ++offset, key: '', value, headers: {}, timestampMs: T };
  return new PartitionReader(source, { clock: () => T, idKey, names: new NameMask(KEY) }).read(one);
}

function eventOf(outcome: Outcome) {
  if (!('event' in outcome)) throw new Error(JSON.stringify(outcome));
  return outcome.event;
}

describe('what shippers write', () => {
  it.each<[string, IngestSource, object]>([
    ['Filebeat', sourceOf(), filebeatRecord(1, `sshd[7]: Invalid user ${SECRET} from ${R} port 4022`)],
    ['Winlogbeat', sourceOf({ hosts: ['WEB-03'] }), winlogbeatRecord(1, SECRET, R, {})],
    [
      'a collector that masks nothing',
      sourceOf({ format: 'fleetwall' }),
      collectorEvent({ 'user.name': SECRET, 'event.original': `Failed password for ${SECRET} from ${R}` }),
    ],
  ])('reaches the topics masked: %s', (name, source, record) => {
    if (name === 'Winlogbeat') {
      const data = (record as { winlog: { event_data: Record<string, string> } }).winlog.event_data;
      data['SubStatus'] = '0xc0000064';
    }
    const outcome = read(source, record);
    const event = eventOf(outcome);
    expect(event['user.name']).toMatch(/^~[0-9a-f]{12}/);
    expect(event['source.ip']).toBe(R);
    expect('json' in outcome && outcome.json.toString()).not.toContain(SECRET);
  });

  it('has an id by which nobody can tell the name who has no key', () => {
    const record = filebeatRecord(1, `sshd[7]: Invalid user ${SECRET} from ${R} port 4022`);
    const idUnder = (key: Buffer) => eventOf(read(sourceOf(), record, key))['event.id'];
    expect(idUnder(KEY)).toBe(idUnder(KEY));
    expect(idUnder(KEY)).not.toBe(idUnder(Buffer.alloc(32, 4)));
  });

  it('keeps the id of a collector that has a key of its own, and of no other', () => {
    const source = sourceOf({ format: 'fleetwall', agent: 'agent-7' });
    const keyed = collectorEvent();
    const unkeyed = collectorEvent({ 'event.id': 'agent-7-0011223344556677-0-aabbccdd' });
    expect(eventOf(read(source, keyed))['event.id']).toBe(keyed['event.id']);
    expect(eventOf(read(source, unkeyed))['event.id']).toMatch(/^agent-7-[0-9a-f]{32}$/);
  });

  it('is left as a collector masked it', () => {
    const masked = { 'user.name': '~0123456789ab', 'user.hash': '0123456789ab' };
    expect(eventOf(read(sourceOf({ format: 'fleetwall' }), collectorEvent(masked)))).toMatchObject(masked);
  });
});
