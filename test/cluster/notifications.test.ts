import type { ChannelConfig, NotificationsConfig } from '@fleetwall/config';
import { type AlertChange, type Bus, type Registry, TOPICS, topicSpecs } from '@fleetwall/core';
import { createElasticsearchRegistry } from '@fleetwall/elasticsearch';
import { createKafkaBus } from '@fleetwall/kafka';
import { createMemoryDecisionStore } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newPrefix, testServer, whyNoServer } from '../../libs/adapters/elasticsearch/test/server.js';
import { whyNoOwnBroker } from '../../libs/adapters/kafka/test/broker.js';
import { type RunningKafka, startKafka } from '../../scripts/kafka.mjs';
import type { Message } from '../../services/console/src/notifications/message.js';
import { alertOf } from '../../services/console/src/notifications/news.test-support.js';
import { Notifier } from '../../services/console/src/notifications/notifier.js';
import { Outbox } from '../../services/console/src/notifications/outbox.js';
import { until } from './until.test-support.js';

const START_TIMEOUT_MS = 240_000;
const TEST_TIMEOUT_MS = 240_000;
const ROUNDS = 3;
const BATCH = 40;

const why = whyNoOwnBroker ?? whyNoServer;
const name = `notifications of several consoles over Kafka and Elasticsearch${why ? ` (${why})` : ''}`;

(why ? describe.skip : describe)(name, () => {
  const taken: Message[] = [];
  const errors: unknown[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  let kafka: RunningKafka;
  let publisher: Bus;
  let registry: Registry;

  const openBus = (clientId: string) =>
    createKafkaBus({ brokers: [`127.0.0.1:${kafka.port}`], clientId, sessionTimeoutMs: 6_000 });

  beforeAll(async () => {
    const server = await testServer();
    stops.unshift(() => server.stop());
    kafka = await startKafka();
    stops.unshift(() => kafka.stop());
    publisher = await openBus('test');
    stops.unshift(() => publisher.close());
    await publisher.declare(topicSpecs(1));
    registry = createElasticsearchRegistry({ nodes: [server.url], prefix: newPrefix() });
    stops.unshift(() => registry.close());
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    for (const stop of stops) await stop();
  }, START_TIMEOUT_MS);

  /** A console on a connection of its own. */
  async function consoleOf(clientId: string): Promise<{ bus: Bus; notifier: Notifier }> {
    const bus = await openBus(clientId);
    const config = {
      ...{ name: 'operators', type: 'mail', level: 'low', kinds: ['alert'], windowSeconds: 0, to: ['a@example.org'] },
      ...{ summaries: [], zone: 'UTC', summaryHour: 7 },
    } as ChannelConfig;
    const channel = {
      about: 'a receiver',
      send: async (message: Message) => {
        taken.push(message);
        return { response: 'taken' };
      },
    };
    const notifier = new Notifier({
      config: { channels: [config] } as NotificationsConfig,
      channels: new Map([[config.name, channel]]),
      ...{ bus, decisions: createMemoryDecisionStore(), outbox: new Outbox(registry), clock: Date.now },
      audit: { record: async () => undefined },
      tenantHosts: { of: async () => new Set<string>() },
      onError: (error) => errors.push(error),
      pace: { everyMs: 50, claimMs: 5_000 },
    });
    await notifier.start();
    return { bus, notifier };
  }

  const publish = (ids: string[]) =>
    publisher.publish(
      TOPICS.alerts,
      ids.map((id) => ({ key: id, value: Buffer.from(JSON.stringify(alertNow(id))) })),
    );
  const told = () =>
    taken
      .flatMap((message) => (message.type === 'news' ? message.items : []))
      .map((item) => 'alertId' in item && item.alertId);

  it(
    'tell each alert, and once, while they come, go in order, and lose their connection',
    async () => {
      await publish(['of the past']);
      let current = await consoleOf('console-0');
      const ids: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const batch = Array.from({ length: BATCH }, (_, i) => `alert-${round}-${i}`);
        await publish(batch.slice(0, BATCH / 2));
        const next = await consoleOf(`console-${round + 1}`);
        await publish(batch.slice(BATCH / 2));
        ids.push(...batch);
        // The bus goes away under every other console, as when a process is cut off.
        if (round % 2 === 0) await current.bus.close();
        await current.notifier.stop();
        await current.bus.close();
        current = next;
      }
      await until('all alerts to be told', () => new Set(told()).size >= ids.length, TEST_TIMEOUT_MS / 2);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(told().sort()).toEqual(ids.sort());
      await current.notifier.stop();
      await current.bus.close();
    },
    TEST_TIMEOUT_MS,
  );
});

function alertNow(id: string): AlertChange {
  const nowMs = Date.now();
  return alertOf(id, { firstMs: nowMs, lastMs: nowMs, firedMs: nowMs });
}
