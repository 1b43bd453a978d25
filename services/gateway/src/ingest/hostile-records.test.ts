import { type BusRecord, encodeEvent, type FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectorEvent, filebeatRecord, R, sourceOf, T, V, winlogbeatRecord } from './ingest-records.test-support.js';
import { type Outcome, PartitionReader } from './partition-reader.js';

const beats = sourceOf();
const fleetwall = sourceOf({ format: 'fleetwall', agent: 'agent-7', hosts: ['web-01'] });
const LINE = `sshd[1]: Failed password for root from ${R} port 4022 ssh2`;

function recordOf(value: unknown, offset = 0): BusRecord {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { topic: 'fleetwall.ingest.x', partition: 0, offset, timestampMs: T, key: '', value: bytes };
}

function read(source: typeof beats, value: unknown): Outcome {
  return new PartitionReader(source, { clock: () => T, idKey: Buffer.alloc(32, 3) }).read(recordOf(value));
}

const eventIn = (outcome: Outcome) => ('event' in outcome ? outcome.event : undefined);
const refusalIn = (outcome: Outcome) => ('refusal' in outcome ? outcome.reason : undefined);

describe('records that are none', () => {
  it.each<[string, Buffer | string, RegExp]>([
    ['nothing', '', /^not-json/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b]), /^not-json/],
    ['half a record', '{"@timestamp":"2026-11-22T07:00:00Z","mess', /^not-json/],
    ['a list', '[{}]', /^not-json/],
    ['10 MB', Buffer.alloc(10_000_000, 'x'), /^too-large: 10000000 bytes/],
    ['deep nesting', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /^not-an-event/],
    ['an empty object', '{}', /^not-an-event/],
  ])('are dead letters, in either format: %s', (_, value, reason) => {
    expect(refusalIn(read(beats, value))).toMatch(reason);
    expect(refusalIn(read(fleetwall, value))).toMatch(reason);
  });

  it('are dead letters when the event would be too large for a broker: bytes that are not UTF-8 grow', () => {
    const value = Buffer.from(JSON.stringify(filebeatRecord(1, LINE.replace('root', 'x'.repeat(500_000)))));
    const grown = Buffer.from(value.map((byte) => (byte === 0x78 ? 0xff : byte)));
    expect(refusalIn(read(beats, grown))).toMatch(/^too-large: 3000\d{3} bytes as an event/);
  });
});

describe('C11: JSON that names a class', () => {
  const classes = {
    '@class': 'java.lang.Runtime',
    __class__: 'os.system',
    __type: 'System.Diagnostics.Process',
    exception: { class: 'builtins.eval', args: ['1'] },
    toJSON: 'x',
    callable: 'y',
  };

  it('is plain data to Filebeat and Winlogbeat records', () => {
    for (const record of [filebeatRecord(1, LINE, classes), winlogbeatRecord(1, 'root', R, classes)]) {
      const event = eventIn(read(beats, record)) as FleetEvent;
      expect(event['source.ip']).toBe(R);
      expect(Object.values(event).every((value) => typeof value !== 'object' || Array.isArray(value))).toBe(true);
      expect(Object.keys(event).some((name) => name in classes)).toBe(false);
    }
  });

  it("is left out of a collector's event, or makes it a dead letter", () => {
    const { exception, ...flat } = classes;
    const outcome = read(fleetwall, collectorEvent(flat));
    expect('stampedOver' in outcome && outcome.stampedOver).toBe(3);
    expect(eventIn(outcome)).toMatchObject({ 'source.ip': R, callable: 'y' });
    expect(refusalIn(read(fleetwall, collectorEvent({ exception })))).toMatch(/^not-an-event: exception has no value/);
  });
});

describe("a collector's event with wrong types", () => {
  const wrong: unknown[] = [{}, [], [1], null, { toString: 'x' }, ['a', { b: 1 }]];
  const fields = Object.keys(collectorEvent()).filter((name) => name !== 'host.name');

  it.each(fields)('is a dead letter that names the field: %s', (name) => {
    for (const value of wrong) {
      const isList = name === 'event.category' || name === 'event.type';
      if (isList && Array.isArray(value) && value.length === 0) continue;
      const reason = refusalIn(read(fleetwall, collectorEvent({ [name]: value })));
      expect(reason).toContain(name);
    }
  });

  it.each<[string, unknown]>([
    ['source.ip', '198.51.100.7 '],
    ['source.ip', '::ffff:198.51.100.7'],
    ['source.ip', '2001:db8::1%eth0'],
    ['source.ip', 'evil.example'],
    ['@timestamp', '1e999'],
    ['@timestamp', 1_795_330_800_000],
    ['@timestamp', '+275760-09-13T00:00:00.000Z'],
    ['@timestamp', '-000001-01-01T00:00:00.000Z'],
    ['fleetwall.attempt.id', '0123456789AB'],
    ['fleetwall.attempt.id', '0123456789abc'],
    ['fleetwall.attempt.ids', []],
    ['fleetwall.attempt.ids', Array.from({ length: 101 }, () => '0123456789ab')],
    ['fleetwall.attempt.count', -1],
    ['fleetwall.attempt.count', 1.5],
    ['fleetwall.evidence', 'certain'],
    ['event.outcome', 'maybe'],
    ['process.pid', '1'],
    ['event.kind', 'alert'],
  ])('is a dead letter: %s %j', (name, value) => {
    expect(refusalIn(read(fleetwall, collectorEvent({ [name]: value })))).toContain(name);
  });

  it.each(['event.original', 'event.category', 'process.name', 'fleetwall.evidence'])('lacks %s', (name) => {
    const { [name]: _, ...rest } = collectorEvent();
    expect(refusalIn(read(fleetwall, rest))).toBe(`not-an-event: ${name} is missing`);
  });

  it('has 5,000 fields', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`labels.f${n}`, 'x']));
    expect(refusalIn(read(fleetwall, collectorEvent(many)))).toMatch(/^not-an-event: 50\d\d fields/);
    expect(eventIn(read(beats, filebeatRecord(1, LINE, many)))).toMatchObject({ 'source.ip': R });
  });

  it('whatever stands in it, gives an event that can be written, or a dead letter', () => {
    const names = Object.keys(collectorEvent());
    const changes = fc.dictionary(fc.constantFrom(...names, '__proto__', 'labels.a', '_id'), fc.jsonValue());
    fc.assert(
      fc.property(changes, (change) => {
        const outcome = read(fleetwall, collectorEvent(change));
        const event = eventIn(outcome);
        if (event) expect(JSON.parse(encodeEvent(event))['host.id']).toBe('web-01');
        else expect(refusalIn(outcome)).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('records of Beats that lie', () => {
  it('about address, outcome, evidence and host change nothing: the line counts', () => {
    const lies = {
      source: { ip: V },
      'source.ip': V,
      event: { outcome: 'success', action: 'ssh_login', id: 'x' },
      fleetwall: { evidence: 'handshake', attempt: { id: 'x' } },
      'fleetwall.evidence': 'handshake',
      agent: { id: 'agent-9', name: 'db-07' },
      organization: { id: 'other' },
      _id: 'x',
    };
    const told = (value: object) => {
      const { 'event.id': id, ...event } = eventIn(read(beats, value)) as FleetEvent;
      expect(id).toMatch(/^filebeat-1-/);
      return event;
    };
    const log = { offset: 1, file: { path: '/var/log/auth.log' } };
    expect(told(filebeatRecord(1, LINE, { ...lies, log }))).toEqual(told(filebeatRecord(1, LINE, { log })));
  });

  it('A19: sent over syslog are unauthenticated, whatever else they claim', () => {
    const remote = { input: { type: 'udp' }, log: { source: { address: '203.0.113.9:514' } } };
    expect(eventIn(read(beats, filebeatRecord(1, LINE, remote)))).toMatchObject({
      'source.ip': R,
      'fleetwall.evidence': 'unauthenticated',
    });
  });

  it('of one host change nothing in the memory of another', () => {
    const source = sourceOf({ hosts: ['web-02', 'web-04'] });
    const line = (host: string) => ({ ...filebeatRecord(1, LINE), host: { name: host } });
    const alone = new PartitionReader(source, { clock: () => T, idKey: Buffer.alloc(32, 3) }).read(
      recordOf(line('web-04')),
    );
    const reader = new PartitionReader(source, { clock: () => T, idKey: Buffer.alloc(32, 3) });
    for (let n = 0; n < 5_000; n++) {
      const words = `sshd[${n}]: Failed password for root from ${R} port 4022 ssh2`;
      reader.read(recordOf({ ...filebeatRecord(1, words), host: { name: 'web-02' } }, n));
    }
    const beside = reader.read(recordOf(line('web-04'), 5_000));
    expect(eventIn(beside)?.['fleetwall.attempt.id']).toBe(eventIn(alone)?.['fleetwall.attempt.id']);
  });
});
