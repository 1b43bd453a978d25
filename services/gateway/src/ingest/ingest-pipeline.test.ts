import type { IngestSource } from '@fleetwall/config';
import {
  type Bus,
  type BusRecord,
  decodeEvent,
  EVENT_TOPICS,
  type FleetEvent,
  ingestSpecs,
  ingestTopicOf,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IngestPipeline } from './ingest-pipeline.js';
import { collectorEvent, filebeatRecord, R, sourceOf, T, V, winlogbeatRecord } from './ingest-records.test-support.js';

let bus: Bus;
let nowMs: number;
const running: IngestPipeline[] = [];
const errors: unknown[] = [];

beforeEach(() => {
  nowMs = T;
  errors.length = 0;
  bus = createMemoryBus(() => nowMs);
});
afterEach(async () => {
  for (const pipeline of running.splice(0)) await pipeline.stop();
  await bus.close();
});

async function startIngest(sources: IngestSource[], over: Partial<Bus> = {}): Promise<IngestPipeline> {
  await bus.declare([
    ...topicSpecs(1),
    ...ingestSpecs(
      sources.map(({ principal }) => principal),
      1,
    ),
  ]);
  const wrapped = Object.assign(Object.create(bus) as Bus, over);
  const pipeline = new IngestPipeline({
    bus: wrapped,
    clock: () => nowMs,
    idKey: Buffer.alloc(32, 3),
    sources,
    onError: (error) => errors.push(error),
  });
  running.push(pipeline);
  await pipeline.start();
  return pipeline;
}

async function write(principal: string, ...records: (object | string | Buffer)[]): Promise<void> {
  const values = records.map((record) => {
    if (Buffer.isBuffer(record)) return record;
    return Buffer.from(typeof record === 'string' ? record : JSON.stringify(record));
  });
  await bus.publish(
    ingestTopicOf(principal),
    values.map((value) => ({ key: '', value })),
  );
}

async function recordsIn(topic: string): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

async function events(): Promise<FleetEvent[]> {
  const all = await Promise.all(EVENT_TOPICS.map(recordsIn));
  return all.flat().map(({ value }) => decodeEvent(`${value}`));
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 5_000; !(await isTrue()); ) {
    if (Date.now() > endMs) throw new Error(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const failed = (pid: number, user = 'root') => `sshd[${pid}]: Failed password for ${user} from ${R} port 4022 ssh2`;

describe('what is stamped', () => {
  it('comes from the configuration of the topic, whatever a record of Filebeat says', async () => {
    const pipeline = await startIngest([sourceOf()]);
    await write(
      'filebeat',
      filebeatRecord(1, failed(1), {
        host: { name: 'db-07', id: 'x' },
        organization: { id: 'other' },
        source: { ip: V },
      }),
    );
    await until('the record', () => pipeline.stats.records === 1);
    const [event] = await events();
    expect(event).toMatchObject({
      'agent.id': 'filebeat-1',
      'host.id': 'web-02',
      'host.name': 'web-02',
      'organization.id': 'acme',
      'event.ingested': T,
      'source.ip': R,
      'fleetwall.evidence': 'handshake',
      'event.id': expect.stringMatching(/^filebeat-1-[0-9a-f]{32}$/),
      'fleetwall.attempt.id': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  it("C05: is stamped over and counted in a collector's event; names that are no fields are left out", async () => {
    const source = sourceOf({ principal: 'web-01', format: 'fleetwall', agent: 'agent-7', hosts: ['web-01'] });
    const pipeline = await startIngest([source]);
    const forged = {
      ...{ 'agent.id': 'agent-9', 'host.id': 'db-01', 'host.name': 'db-01', 'organization.id': 'other' },
      ...{ 'event.ingested': '1999-01-01T00:00:00.000Z', _id: 'x', constructor: 'y', toString: 'z' },
    };
    const json = JSON.stringify(collectorEvent(forged)).replace('{', '{"__proto__":{"source.ip":"192.0.2.66"},');
    await write('web-01', json);
    await until('the record', () => pipeline.stats.records === 1);
    const [event] = await events();
    expect(event).toEqual({
      ...collectorEvent(),
      '@timestamp': T,
      'agent.id': 'agent-7',
      'host.id': 'web-01',
      'organization.id': 'acme',
      'event.ingested': T,
    });
    expect(pipeline.stats).toMatchObject({ events: 1, stampedOver: 8, deadLetters: 0 });
  });

  it('is the host that the record names, of several; others are dead letters with bytes, place and reason', async () => {
    const source = sourceOf({ hosts: ['Web-02', 'web-03'] });
    const pipeline = await startIngest([source]);
    const stranger = filebeatRecord(3, failed(3), { host: { name: 'db-07' } });
    const nobody = { ...filebeatRecord(4, failed(4)), host: {}, agent: {} };
    await write('filebeat', filebeatRecord(1, failed(1)), winlogbeatRecord(2, 'root', R), stranger, nobody);
    await until('the records', () => pipeline.stats.records === 4);
    expect((await events()).map((event) => event['host.id'])).toEqual(['Web-02', 'web-03']);
    const letters = await recordsIn(TOPICS.deadLetter);
    expect(letters.map(({ value }) => JSON.parse(`${value}`))).toEqual([stranger, nobody]);
    expect(letters.map(({ headers }) => headers)).toEqual([
      {
        topic: 'fleetwall.ingest.filebeat',
        partition: '0',
        offset: '2',
        reason: 'unknown-host: host "db-07" is none of the shipper\'s',
      },
      {
        topic: 'fleetwall.ingest.filebeat',
        partition: '0',
        offset: '3',
        reason: 'unknown-host: names no host, and the shipper speaks for several',
      },
    ]);
    expect(pipeline.refused['unknown-host']).toBe(2);
  });

  it('keeps two shippers apart that send the very same record', async () => {
    const pipeline = await startIngest([sourceOf(), sourceOf({ principal: 'other', agent: 'filebeat-2' })]);
    const record = filebeatRecord(1, failed(1));
    await write('filebeat', record, record);
    await write('other', record);
    await until('the records', () => pipeline.stats.records === 3);
    expect(new Set((await events()).map((event) => event['event.id'])).size).toBe(2);
  });

  it("is an id of the own agent, also where a collector's event has a foreign one or none", async () => {
    const source = sourceOf({ principal: 'web-01', format: 'fleetwall', agent: 'agent-7', hosts: ['web-01'] });
    const pipeline = await startIngest([source]);
    await write('web-01', collectorEvent({ 'event.id': 'agent-9-x' }), collectorEvent({ 'event.id': 'agent-9-x' }));
    const { 'event.id': _, ...without } = collectorEvent();
    await write('web-01', without, without);
    await until('the records', () => pipeline.stats.records === 4);
    const ids = (await events()).map((event) => event['event.id']);
    expect(ids.every((id) => id?.startsWith('agent-7-'))).toBe(true);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('what gives no event', () => {
  it('is counted by program, and no dead letter', async () => {
    const pipeline = await startIngest([sourceOf()]);
    const multiline = filebeatRecord(1, `${failed(1)}\n${failed(2)}`);
    await write('filebeat', filebeatRecord(1, 'CRON[1]: (root) CMD (true)'), multiline);
    await until('the records', () => pipeline.stats.records === 2);
    expect(pipeline.stats).toMatchObject({ events: 0, unparsed: 2, deadLetters: 0 });
    expect([...pipeline.unparsed.totals()]).toEqual([
      ['unknown-program: CRON', 1],
      ['no-header', 1],
    ]);
  });
});

describe('assembling', () => {
  const tries = async () => new Set((await events()).flatMap((event) => event['fleetwall.attempt.id'] ?? [])).size;

  it('counts the lines about one try once, also when Filebeat sends them again', async () => {
    const pipeline = await startIngest([sourceOf()]);
    const lines = [
      filebeatRecord(1, `sshd[1]: Invalid user admin from ${R} port 4022`),
      filebeatRecord(2, failed(1, 'invalid user admin')),
    ];
    await write('filebeat', ...lines, ...lines);
    await until('the records', () => pipeline.stats.records === 4);
    expect(await tries()).toBe(1);
    expect(new Set((await events()).map((event) => event['event.id'])).size).toBe(2);
  });

  it('gives a batch that could not be published the same ids when it comes again', async () => {
    let failures = 2;
    const publish: Bus['publish'] = async (topic, records) => {
      if (failures-- > 0) throw new Error('the brokers are away');
      return bus.publish(topic, records);
    };
    const pipeline = await startIngest([sourceOf()], { publish });
    await write(
      'filebeat',
      filebeatRecord(1, 'sshd[1]: pam_unix(sshd:auth): check pass; user unknown'),
      filebeatRecord(
        1,
        'sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=',
      ),
      filebeatRecord(2, `sshd[1]: Connection closed by ${R} port 4022 [preauth]`),
    );
    await until('the records', () => pipeline.stats.records === 3);
    expect(errors).toHaveLength(2);
    const placed = (await events()).filter((event) => event['fleetwall.attempt.id'] !== undefined);
    expect(placed.map((event) => event['source.ip'])).toEqual([undefined, R]);
    expect(await tries()).toBe(1);
  });
});

describe('a gateway that dies between publish and commit', () => {
  const begin = [
    filebeatRecord(1, `sshd[1]: Invalid user admin from ${R} port 4022`),
    filebeatRecord(2, failed(1, 'invalid user admin')),
    filebeatRecord(3, failed(2)),
  ];
  const rest = [filebeatRecord(4, failed(2)), filebeatRecord(5, failed(1, 'invalid user admin'))];

  /** The events of all records when nothing happens. */
  async function undisturbed(): Promise<FleetEvent[]> {
    const other = createMemoryBus(() => nowMs);
    const saved = bus;
    bus = other;
    const pipeline = await startIngest([sourceOf()]);
    await write('filebeat', ...begin, ...rest);
    await until('the records', () => pipeline.stats.records === 5);
    const all = await events();
    await pipeline.stop();
    await other.close();
    bus = saved;
    return all;
  }

  it('leaves everything to another one, which gives the same ids: once in effect', async () => {
    const expected = await undisturbed();
    const first = await startIngest([sourceOf()]);
    await write('filebeat', ...begin);
    await until('the first records', () => first.stats.records === 3);
    await first.stop();
    // It publishes and is gone before its commit.
    const published: string[] = [];
    const publish: Bus['publish'] = async (topic, records) => {
      await bus.publish(topic, records);
      published.push(topic);
      throw new Error('killed');
    };
    const dying = await startIngest([sourceOf()], { publish });
    await write('filebeat', ...rest);
    await until('the publish', () => published.length > 0);
    await dying.stop();
    expect(dying.stats.records).toBe(0);

    nowMs += 60_000;
    const next = await startIngest([sourceOf()]);
    await until('the rest', () => next.stats.records === 2);
    expect(next.stats.folded).toBe(3);
    const all = await events();
    expect(all.length).toBeGreaterThan(5);
    const told = (event: FleetEvent) => `${event['event.id']} ${event['fleetwall.attempt.id']}`;
    expect(new Set(all.map(told))).toEqual(new Set(expected.map(told)));
    expect(new Set(expected.map((event) => event['fleetwall.attempt.id'])).size).toBe(4);
  });

  it('has ten minutes before the commit read again, not more, however long ago that was', async () => {
    const first = await startIngest([sourceOf()]);
    await write('filebeat', filebeatRecord(1, failed(7)));
    nowMs += 601_000;
    await write('filebeat', ...begin);
    await until('the first records', () => first.stats.records === 4);
    await first.stop();
    nowMs += 7 * 3_600_000;
    const next = await startIngest([sourceOf()]);
    await until('the fold', () => next.stats.folded === 3);
    await write('filebeat', ...rest);
    await until('the rest', () => next.stats.records === 2);
    expect(next.stats).toMatchObject({ folded: 3, events: 2 });
    expect(await events()).toHaveLength(6);
  });
});
