import type { ChannelConfig, NotificationsConfig } from '@fleetwall/config';
import { type AlertChange, type Block, type Bus, type Registry, TOPICS, topicSpecs } from '@fleetwall/core';
import { createMemoryBus, createMemoryDecisionStore, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Act } from '../audit/audit-log.js';
import { type Channel, NotDelivered, type SendOptions } from './channels/channel.js';
import { countsOf, type Message, sumOf } from './message.js';
import { alertOf, blockOf, reasonOf } from './news.test-support.js';
import { Notifier, type NotifierParts } from './notifier.js';
import { Outbox } from './outbox.js';

const DEADLINE_MS = 20_000;
const CLAIM_MS = 400;

let bus: Bus;
let registry: Registry;
let acts: Omit<Act, 'type' | 'atMs'>[];
let errors: unknown[];
let running: Notifier[];
/** What is added to the clock. */
let aheadMs = 0;

beforeEach(async () => {
  bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  registry = createMemoryRegistry();
  [acts, errors, running, aheadMs] = [[], [], [], 0];
});
afterEach(async () => {
  for (const notifier of running) await notifier.stop();
  await bus.close();
});

/** Keeps what it is sent; `answer` may throw. */
class Receiver implements Channel {
  readonly about = 'a receiver';
  readonly taken: Message[] = [];
  readonly to: (readonly string[] | undefined)[] = [];

  constructor(public answer: (message: Message) => unknown = () => undefined) {}

  async send(message: Message, { to }: SendOptions) {
    await this.answer(message);
    this.taken.push(message);
    this.to.push(to);
    return { response: `took ${this.taken.length}` };
  }

  get news(): number {
    return this.taken.reduce((sum, message) => sum + (message.type === 'news' ? sumOf(countsOf(message)) : 0), 0);
  }
}

function channelOf(name: string, more: Partial<ChannelConfig> = {}): ChannelConfig {
  const kinds = ['alert', 'alert-ended', 'block', 'block-ended'] as const;
  const base = { name, level: 'medium', kinds: [...kinds], windowSeconds: 0, to: ['a@example.org'], summaries: [] };
  return { ...base, type: 'mail', zone: 'UTC', summaryHour: 7, ...more } as ChannelConfig;
}

async function start(channels: [ChannelConfig, Channel][], more: Partial<NotifierParts> = {}): Promise<Notifier> {
  const notifier = new Notifier({
    config: { channels: channels.map(([config]) => config) } as NotificationsConfig,
    channels: new Map(channels.map(([config, channel]) => [config.name, channel])),
    bus,
    decisions: createMemoryDecisionStore(),
    outbox: new Outbox(registry),
    audit: { record: async (act) => void acts.push(act) },
    tenantHosts: { of: async (tenant) => new Set(tenant === 'acme' ? ['web-01'] : []) },
    clock: () => Date.now() + aheadMs,
    onError: (error) => errors.push(error),
    pace: { everyMs: 10, claimMs: CLAIM_MS },
    ...more,
  });
  running.push(notifier);
  await notifier.start();
  return notifier;
}

const publish = (topic: string, values: { id: string }[]) =>
  bus.publish(
    topic,
    values.map((value) => ({ key: value.id, value: Buffer.from(JSON.stringify(value)) })),
  );
const alerts = (...changes: AlertChange[]) => publish(TOPICS.alerts, changes);
const blocks = (...changed: Block[]) => publish(TOPICS.blocks, changed);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Long enough for whatever should not happen. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 150));

describe('who is told what', () => {
  it('is told of what comes, not of the past, and each piece once however often a console starts', async () => {
    const receiver = new Receiver();
    await alerts(alertOf('old'));
    const first = await start([[channelOf('operators'), receiver]]);
    await alerts(alertOf('a1'), alertOf('a1', { version: 2, count: 24 }));
    await until(() => receiver.news === 1);
    await first.stop();
    await alerts(alertOf('a1', { version: 3 }), alertOf('a2'));
    await start([[channelOf('operators'), receiver]]);
    await until(() => receiver.news === 2);
    await aWhile();
    const ids = receiver.taken.flatMap((message) => (message.type === 'news' ? message.items : []));
    expect(ids.map((item) => 'alertId' in item && item.alertId)).toEqual(['a1', 'a2']);
    expect(acts.map(({ about, outcome }) => ({ about, outcome }))).toEqual(
      Array(2).fill({ about: 'operators', outcome: 'done' }),
    );
    expect(acts[0]?.after).toMatchObject({ delivery: 'delivered', response: 'took 1', about: '1 alert' });
    expect(errors).toEqual([]);
  });

  it('goes on after records that are none', async () => {
    const receiver = new Receiver();
    const notifier = await start([[channelOf('operators'), receiver]]);
    const poison = ['{', 'null', '[]', '{"id":"x","version":1}', JSON.stringify({ ...alertOf('x'), hosts: 'all' })];
    const wrongBlocks = [...poison, JSON.stringify({ ...blockOf('203.0.113.7'), reasons: [null] })];
    const put = (topic: string, texts: string[]) =>
      bus.publish(
        topic,
        texts.map((text) => ({ key: 'k', value: Buffer.from(text) })),
      );
    await put(TOPICS.alerts, poison);
    await put(TOPICS.blocks, wrongBlocks);
    await alerts(alertOf('a1'));
    await until(() => receiver.news === 1);
    await blocks(blockOf('203.0.113.8'));
    await until(() => receiver.news === 2);
    const unreadable = notifier.numbers().find(({ name }) => name === 'fleetwall_notifications_unreadable');
    expect(unreadable?.value).toBe(poison.length + wrongBlocks.length);
    expect(errors).toEqual([]);
  });

  it('goes by level, kind and tenant, and a tenant reads no other reasons', async () => {
    const [all, grave, acme, ended] = [new Receiver(), new Receiver(), new Receiver(), new Receiver()];
    await start([
      [channelOf('all', { level: 'low' }), all],
      [channelOf('grave', { level: 'critical' }), grave],
      [channelOf('acme', { tenant: 'acme' }), acme],
      [channelOf('ended', { kinds: ['alert-ended'] }), ended],
    ]);
    await alerts(alertOf('a1'), alertOf('b1', { tenant: 'other', level: 'low' }));
    await until(() => all.news === 2);
    await blocks(
      blockOf('203.0.113.7', { reasons: [reasonOf('a1'), reasonOf('b1')] }),
      blockOf('203.0.113.8', { reasons: [reasonOf('b1')] }),
      blockOf('203.0.113.9', { scope: { type: 'host', id: 'web-01' }, reasons: [reasonOf('b1')] }),
      blockOf('203.0.113.10', {
        ...{ scope: { type: 'host', id: 'db-09' }, reasons: [{ type: 'person', by: 'x', comment: 'not yours' }] },
      }),
    );
    await until(() => all.news === 6);
    await alerts(alertOf('a1', { version: 2, state: 'withdrawn' }));
    await until(() => all.news === 7 && ended.news === 1);
    await aWhile();
    expect(grave.taken).toMatchObject([{ items: [{ target: '203.0.113.10' }] }]);
    const told = acme.taken.flatMap((message) => (message.type === 'news' ? message.items : []));
    expect(told.map((item) => ('target' in item ? item.target : item.kind))).toEqual([
      ...['alert', '203.0.113.7', '203.0.113.9', 'alert-ended'],
    ]);
    expect(told[1]).toMatchObject({ reasons: [{ alertId: 'a1' }], hiddenReasons: 1 });
    expect(told[2]).toMatchObject({ reasons: [], hiddenReasons: 1 });
  });

  it('is told of 50,000 blocks in a handful of messages that count every one', async () => {
    const receiver = new Receiver();
    const person = [{ type: 'person', by: 'anna', comment: '' }] as const;
    await start([[channelOf('operators', { windowSeconds: 3_600 }), receiver]]);
    const json = JSON.stringify(blockOf('TARGET', { reasons: [...person] }));
    const recordOf = (target: string) => ({ key: target, value: Buffer.from(json.replaceAll('TARGET', target)) });
    for (let i = 0; i < 50_000; i += 5_000)
      await bus.publish(
        TOPICS.blocks,
        Array.from({ length: 5_000 }, (_, n) => recordOf(`${i + n}`)),
      );
    const outbox = new Outbox(registry);
    await until(async () => (await outbox.get('operators'))?.taken.blocks === 50_000);
    await until(() => receiver.taken.length === 1);
    aheadMs = 3_600_000;
    await until(() => receiver.news === 50_000);
    expect(receiver.taken.length).toBeLessThanOrEqual(2);
    expect(errors).toEqual([]);
  }, 60_000);

  it('is told by programs what people did about an alert', async () => {
    const receiver = new Receiver();
    const notifier = await start([[channelOf('pager', { type: 'pagerduty' }), receiver]]);
    const { contributors: _, cleared: __, ...alert } = alertOf('a1');
    await notifier.handled({ ...alert, contributors: [], contributorCount: 0 }, 'acknowledged', 'anna');
    await until(() => receiver.news === 1);
    expect(receiver.taken[0]).toMatchObject({ items: [{ kind: 'alert-acknowledged', by: 'anna' }] });
  });
});

describe('what is not taken', () => {
  it('is tried again, the same message, and what comes meanwhile waits behind it as one', async () => {
    let failures = 2;
    const receiver = new Receiver(() => {
      if (failures-- > 0) throw new NotDelivered('451 not now', true);
    });
    await start([[channelOf('operators'), receiver]]);
    await alerts(alertOf('a1'));
    await until(() => failures === 1);
    await alerts(alertOf('a2'));
    await alerts(alertOf('a3'));
    for (let i = 0; i < 2; i++) {
      await until(() => acts.length === i + 1);
      aheadMs += 60_000;
    }
    await until(() => receiver.taken.length === 2);
    expect(receiver.taken.map((message) => message.type === 'news' && message.items.length)).toEqual([1, 2]);
    const deliveries = acts.map(({ after }) => after as { key: string; delivery: string; attempt: number });
    expect(deliveries.map(({ delivery, attempt }) => [delivery, attempt])).toEqual([
      ...[
        ['retried', 1],
        ['retried', 2],
        ['delivered', 3],
        ['delivered', 1],
      ],
    ]);
    expect(new Set(deliveries.slice(0, 3).map(({ key }) => key)).size).toBe(1);
  });

  it('lies with the dead letters when it is refused for good or nobody takes it for a day, and is told of', async () => {
    let isFinal = true;
    const receiver = new Receiver(() => {
      throw new NotDelivered('550 no such user', !isFinal);
    });
    await start([[channelOf('operators'), receiver]]);
    await alerts(alertOf('a1'));
    await until(() => acts.length === 1);
    isFinal = false;
    await alerts(alertOf('a2'));
    await until(() => acts.length === 2);
    aheadMs = 25 * 3_600_000;
    await until(() => acts.length === 3);
    expect(acts.map(({ after }) => (after as { delivery: string }).delivery)).toEqual([
      'given-up',
      'retried',
      'given-up',
    ]);
    const letters: string[] = [];
    const follower = await bus.follow({
      topic: TOPICS.deadLetter,
      onRecord: ({ value }) => void letters.push(`${value}`),
    });
    await follower.caughtUp;
    await follower.stop();
    expect(letters.map((letter) => JSON.parse(letter).items[0].alertId)).toEqual(['a1', 'a2']);
    await until(async () => (await new Outbox(registry).get('operators'))?.givenUp === 2);
    expect(errors).toHaveLength(3);
  });

  it('comes again under the same key when a console dies between the answer and the outbox', async () => {
    const receiver = new Receiver();
    const dying: Registry = {
      ...registry,
      put: (collection, id, value, version) =>
        receiver.taken.length > 0 ? new Promise(() => undefined) : registry.put(collection, id, value, version),
    };
    const dead = await start([[channelOf('operators'), receiver]], { outbox: new Outbox(dying) });
    await alerts(alertOf('a1'));
    await until(() => receiver.taken.length === 1);
    // It never says another word; the bus gives its partitions to the next one.
    running = running.filter((one) => one !== dead);
    void dead.stop();
    await start([[channelOf('operators'), receiver]]);
    await until(() => receiver.taken.length === 2);
    await aWhile();
    expect(receiver.taken.map(({ key }) => key)).toEqual(Array(2).fill(receiver.taken[0]?.key));
    expect(acts.map(({ after }) => (after as { attempt: number }).attempt)).toEqual([1, 2]);
  });

  it('is told of in the audit log when its channel is gone', async () => {
    const first = await start([[channelOf('gone', { windowSeconds: 3_600 }), new Receiver()]]);
    await alerts(alertOf('a1'));
    await until(() => acts.length === 1);
    await alerts(alertOf('a2'));
    await until(async () => (await new Outbox(registry).get('gone'))?.pending !== undefined);
    await first.stop();
    await start([]);
    expect(acts[1]).toMatchObject({ about: 'gone', outcome: 'failed' });
    expect(acts[1]?.after).toEqual({ untold: ['1 alert'] });
    expect(await new Outbox(registry).all()).toEqual(new Map());
  });
});

describe('several consoles', () => {
  it('tell each piece once while they come and go', async () => {
    const receiver = new Receiver(() => new Promise((resolve) => setTimeout(resolve, 3)));
    const channel = channelOf('operators');
    let last = await start([[channel, receiver]]);
    for (let i = 0; i < 6; i++) {
      await alerts(...Array.from({ length: 20 }, (_, n) => alertOf(`a${i}-${n}`)));
      const next = await start([[channel, receiver]]);
      await alerts(...Array.from({ length: 20 }, (_, n) => alertOf(`b${i}-${n}`)));
      await last.stop();
      last = next;
    }
    await until(() => receiver.news >= 240);
    await aWhile();
    const told = receiver.taken.flatMap((message) => (message.type === 'news' ? message.items : []));
    const ids = told.map((item) => ('alertId' in item ? item.alertId : ''));
    expect(receiver.news).toBe(240);
    expect(new Set(ids).size).toBe(ids.length);
  }, 60_000);
});

describe('summaries', () => {
  it('are put out once for each period, late ones too, whoever starts how often', async () => {
    const receiver = new Receiver();
    const channel = channelOf('operators', { summaries: ['daily', 'weekly'] });
    const base = Date.UTC(2026, 10, 25, 12) - Date.now();
    aheadMs = base;
    const first = await start([[channel, receiver]]);
    await aWhile();
    expect(receiver.taken).toEqual([]);
    await first.stop();
    // A Wednesday; three days and a Monday later.
    aheadMs = base + 6 * 86_400_000;
    const second = await start([[channel, receiver]]);
    await until(() => receiver.taken.length === 7);
    await second.stop();
    await start([[channel, receiver]]);
    await aWhile();
    const told = receiver.taken.map((message) => message.type === 'summary' && `${message.period} ${message.day}`);
    expect(told).toEqual([
      ...[25, 26, 27, 28, 29].map((day) => `daily 2026-11-${day}`),
      ...['daily 2026-11-30', 'weekly 2026-11-23'],
    ]);
  });
});
