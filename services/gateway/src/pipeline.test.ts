import { type Block, type BusRecord, decodeEvent, type FleetEvent, TOPICS, topicSpecs } from '@fleetwall/core';
import type { AgentIdentity, BlockUpdate } from '@fleetwall/protocol';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayPipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const WEB: AgentIdentity = { agentId: 'agent-1', host: 'web-01', tenant: 'acme' };

let bus: ReturnType<typeof createMemoryBus>;
let gateway: GatewayPipeline;
beforeEach(async () => {
  bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  gateway = new GatewayPipeline({ bus, clock: () => T });
  await gateway.start();
});
afterEach(async () => {
  await gateway.stop();
  await bus.close();
});

async function published(topic: string): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

/** What stands on the topic of events. */
const events = async () =>
  (await published(TOPICS.securityEvents)).map(({ value }): FleetEvent => decodeEvent(value.toString('utf8')));

describe('C05: what a payload says of its sender', () => {
  it('is stamped over and counted', async () => {
    const forged = {
      ...{ '@timestamp': '2026-11-22T12:00:00.000Z', 'event.id': 'x', 'event.original': 'y' },
      ...{ 'agent.id': 'agent-9', 'host.id': 'db-01', 'organization.id': 'other', 'event.ingested': '1999-01-01' },
    };
    const prototype = '{"@timestamp":"2026-11-22T12:00:00.000Z","__proto__":{"organization.id":"other"}}';
    await gateway.receive(WEB, { sequence: 1, events: [JSON.stringify(forged), prototype] });
    const stamped = await events();
    for (const event of stamped) {
      expect(event).toMatchObject({ 'agent.id': 'agent-1', 'host.id': 'web-01', 'organization.id': 'acme' });
      expect(event['event.ingested']).toBe(T);
    }
    expect(stamped).toHaveLength(2);
    expect(gateway.stats).toMatchObject({ batches: 1, events: 2, stampedOver: 4, undecodable: 0 });
    expect(({} as Record<string, unknown>)['organization.id']).toBeUndefined();
  });

  it('C11: is plain data whatever class it names, and what is no object is counted', async () => {
    const named = '{"@timestamp":"2026-11-22T12:00:00.000Z","__class__":"os.system","constructor":"x","toJSON":"y"}';
    await gateway.receive(WEB, { sequence: 1, events: [named, '{', 'null', '7', '[]', '"x"'] });
    expect(await events()).toHaveLength(1);
    expect(gateway.stats).toMatchObject({ events: 1, undecodable: 5 });
    expect((await published(TOPICS.deadLetter)).map(({ value }) => value.toString())).toEqual([
      '{',
      'null',
      '7',
      '[]',
      '"x"',
    ]);
  });

  it('larger than a broker takes is a dead letter, and keeps nothing back', async () => {
    const at = '"@timestamp":"2026-11-22T12:00:00.000Z"';
    const large = `{${at},"event.original":"${'x'.repeat(1_100_000)}"}`;
    await gateway.receive(WEB, { sequence: 1, events: [large, `{${at}}`] });
    expect(gateway.stats).toMatchObject({ events: 1, tooLarge: 1 });
    const [letter] = await published(TOPICS.deadLetter);
    expect(letter?.value).toHaveLength(1_000_000);
    expect(letter?.headers).toMatchObject({ agent: 'agent-1', reason: expect.stringContaining('bytes') });
  });
});

describe('blocks on their way down', () => {
  const block = (target: string, more: Partial<Block> = {}): Block => ({
    id: `id of ${target}`,
    version: 1,
    target,
    scope: { type: 'fleet' },
    state: 'active',
    atMs: T,
    untilMs: T + 60_000,
    offence: 1,
    reasons: [{ type: 'person', by: 'someone', comment: "another customer's affair" }],
    forgetBeforeMs: 0,
    cutSessions: false,
    except: [],
    history: [],
    ...more,
  });
  const publish = (...blocks: Block[]) =>
    bus.publish(
      TOPICS.blocks,
      blocks.map((one) => ({ key: JSON.stringify([one.scope, one.target]), value: Buffer.from(JSON.stringify(one)) })),
    );

  it('are those of the own scopes, without their reasons: a snapshot first, then deltas', async () => {
    await publish(
      block('198.51.100.1'),
      block('198.51.100.2', { scope: { type: 'tenant', id: 'acme' } }),
      block('198.51.100.3', { scope: { type: 'tenant', id: 'other' } }),
      block('198.51.100.4', { scope: { type: 'host', id: 'web-01' } }),
      block('198.51.100.5', { scope: { type: 'host', id: 'db-01' } }),
      block('198.51.100.6', { state: 'held' }),
      block('198.51.100.7', { untilMs: T }),
    );
    const updates: BlockUpdate[] = [];
    const until = async (isTrue: () => boolean) => {
      for (const endMs = Date.now() + 5_000; !isTrue() && Date.now() < endMs; )
        await new Promise((done) => setTimeout(done, 5));
      expect(isTrue()).toBe(true);
    };
    await gateway.stop();
    await gateway.start();
    const uplink = gateway.connect(WEB);
    uplink.onBlocks((update) => updates.push(update));
    expect(updates).toEqual([
      {
        type: 'snapshot',
        revision: 7,
        blocks: ['1', '2', '4'].map((n) => ({
          id: `id of 198.51.100.${n}`,
          target: `198.51.100.${n}`,
          untilMs: T + 60_000,
        })),
      },
    ]);
    const foreign = block('198.51.100.3', { version: 2, scope: { type: 'tenant', id: 'other' } });
    await publish(block('198.51.100.1', { version: 2, state: 'lifted' }), foreign);
    await until(() => updates.length >= 2);
    await publish(block('198.51.100.6', { version: 2, except: ['198.51.100.66'], cutSessions: true, ports: 'web' }));
    await until(() => updates.length >= 3);
    expect(updates.slice(1)).toEqual([
      { type: 'delta', revision: 9, add: [], remove: ['id of 198.51.100.1'] },
      {
        type: 'delta',
        revision: expect.any(Number),
        add: [
          expect.objectContaining({
            target: '198.51.100.6',
            except: ['198.51.100.66'],
            cutSessions: true,
            ports: 'web',
          }),
        ],
        remove: [],
      },
    ]);
    expect(JSON.stringify(updates)).not.toContain('affair');
    await uplink.close();
    await publish(block('198.51.100.8'));
    expect(updates).toHaveLength(3);
  });
});
