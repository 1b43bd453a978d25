import { type Bus, type BusRecord, type FleetEvent, type OutRecord, TOPICS, topicSpecs } from '@fleetwall/core';
import { createMemoryBus, createMemoryDecisionStore, createMemoryEventStore } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IndexerPipeline } from './pipeline.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const DEADLINE_MS = 10_000;
const EVER = { fromMs: 0, toMs: NOW_MS * 2, limit: 100 };

describe('the indexer', () => {
  const store = createMemoryEventStore({ clock: () => NOW_MS });
  const decisions = createMemoryDecisionStore();
  const errors: unknown[] = [];
  let bus: Bus;
  let pipeline: IndexerPipeline;

  beforeEach(async () => {
    bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    pipeline = new IndexerPipeline({ bus, store, decisions, onError: (error) => errors.push(error) });
    await pipeline.start();
  });
  afterEach(async () => {
    await pipeline.stop();
    await bus.close();
  });

  const deadLetters = async () => {
    const letters: BusRecord[] = [];
    const follower = await bus.follow({ topic: TOPICS.deadLetter, onRecord: (record) => void letters.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return letters;
  };

  it('stores what it can, buries the rest as it came with place and reason, and goes on', async () => {
    const poison: [Buffer | string, RegExp][] = [
      ['{"a":', /not JSON/],
      [Buffer.from([0xff, 0xfe, 0x00]), /not JSON/],
      ['null', /no object/],
      ['[1]', /no object/],
      ['"text"', /no object/],
      ['{"event.id":"x"}', /@timestamp/],
      ['{"@timestamp":"yesterday","event.id":"x"}', /@timestamp/],
      ['{"@timestamp":"1999-01-01T00:00:00Z","event.id":"x"}', /2000/],
      [JSON.stringify({ '@timestamp': NOW_MS }), /event\.id/],
      [JSON.stringify({ ...eventOf('big'), note: 'x'.repeat(10_000_000) }), /1000000/],
    ];
    const records: OutRecord[] = [
      { key: 'web1', value: Buffer.from(JSON.stringify(eventOf('first'))) },
      ...poison.map(([value], i) => ({ key: `k${i}`, value: Buffer.from(value as string) })),
      { key: 'web1', value: Buffer.from(JSON.stringify(eventOf('last'))) },
    ];
    await bus.publish(TOPICS.securityEvents, records);
    await until(() => pipeline.stats.created === 2 && pipeline.stats.deadLetters === poison.length);
    expect((await store.byId(['first', 'last'])).map((event) => event['event.id'])).toEqual(['first', 'last']);
    const letters = (await deadLetters()).sort((a, b) => Number(a.headers?.['offset']) - Number(b.headers?.['offset']));
    expect(letters).toHaveLength(poison.length);
    for (const [i, { key, value, headers }] of letters.entries()) {
      const [original, reason] = poison[i] as [Buffer | string, RegExp];
      expect(key).toBe(`k${i}`);
      expect(value.equals(Buffer.from(original as string).subarray(0, 1_000_000))).toBe(true);
      expect(headers).toMatchObject({ topic: TOPICS.securityEvents, partition: '0', offset: String(i + 1) });
      expect(headers?.['reason']).toMatch(reason);
    }
    expect(errors).toEqual([]);
  });

  it('keeps alerts and blocks, and buries what is neither', async () => {
    const block = {
      id: 'b',
      version: 1,
      target: '192.0.2.1',
      scope: { type: 'fleet' },
      state: 'active',
      atMs: 1,
      untilMs: 2,
    };
    await publishJson(TOPICS.alerts, [
      alertOf(1),
      { ...alertOf(2), contributors: [{ value: 'x', count: 2 }] },
      { id: 'a' },
    ]);
    await publishJson(TOPICS.alerts, [{ ...alertOf(3), key: null }, { ...alertOf(3), contributors: 'all' }, 5]);
    await publishJson(TOPICS.blocks, [
      block,
      { ...block, scope: 'fleet' },
      { ...block, untilMs: 'never' },
      { ...block, target: 'x' },
    ]);
    await bus.publish(TOPICS.blocks, [
      { key: 'epoch', value: Buffer.from('{"epoch":"e","term":1}') },
      { key: 'forgotten', value: Buffer.alloc(0) },
    ]);
    await until(() => pipeline.stats.alertChanges === 2 && pipeline.stats.blockChanges === 1);
    await until(() => pipeline.stats.deadLetters === 7);
    expect(await decisions.alertById('a')).toMatchObject({ version: 2, contributorCount: 1 });
    expect((await decisions.blocks(EVER)).blocks).toEqual([block]);
    expect(errors).toEqual([]);
  });

  it('names where sources are from in what it stores, and leaves the topic as it is', async () => {
    await pipeline.stop();
    const origins = { of: (address: string) => (address === '203.0.113.7' ? { country: 'NL', asNumber: 64_500 } : {}) };
    pipeline = new IndexerPipeline({ bus, store, decisions, origins, onError: (error) => errors.push(error) });
    await pipeline.start();
    const claimed = {
      ...eventOf('claimed'),
      'source.ip': '203.0.113.7',
      'source.as.number': 1,
      'source.geo.country_iso_code': 'XX',
    };
    await publishJson(TOPICS.securityEvents, [
      claimed,
      { ...eventOf('odd'), 'source.ip': ['203.0.113.7'] },
      eventOf('none'),
    ]);
    await until(() => pipeline.stats.created === 3);
    const [stored, odd, none] = await store.byId(['claimed', 'odd', 'none']);
    expect(stored).toEqual({ ...claimed, 'source.as.number': 64_500, 'source.geo.country_iso_code': 'NL' });
    expect(odd).not.toHaveProperty(['source.as.number']);
    expect(none).toEqual(eventOf('none'));
    const values: unknown[] = [];
    const onRecord = ({ value }: BusRecord) => void values.push(JSON.parse(value.toString()));
    const follower = await bus.follow({ topic: TOPICS.securityEvents, onRecord });
    await follower.caughtUp;
    await follower.stop();
    expect(values[0]).toEqual(claimed);
    expect(errors).toEqual([]);
  });

  const publishJson = (topic: string, values: unknown[]) =>
    bus.publish(
      topic,
      values.map((value) => ({ key: 'k', value: Buffer.from(JSON.stringify(value)) })),
    );
});

function eventOf(id: string): FleetEvent {
  return { '@timestamp': NOW_MS, 'event.id': id, 'event.original': `line ${id}` } as FleetEvent;
}

function alertOf(version: number) {
  const times = { firstMs: NOW_MS, lastMs: NOW_MS };
  return {
    id: 'a',
    version,
    state: 'open',
    rule: 'r',
    tenant: 't',
    level: 'low',
    key: {},
    contributors: [],
    cleared: [],
    ...times,
  };
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
