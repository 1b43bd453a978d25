import { randomUUID } from 'node:crypto';
import type { ChannelConfig, NotificationsConfig } from '@fleetwall/config';
import type { Clock } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso, isoIf } from '../api/iso.js';
import type { Channel } from '../notifications/channels/channel.js';
import { countsOf, type Message, sumOf } from '../notifications/message.js';
import type { ChannelState, Delivery, Outbox } from '../notifications/outbox.js';
import { nextSummaries } from '../notifications/schedule.js';
import { lastPeriod } from './periods.js';

export interface ReportsParts {
  config: NotificationsConfig | undefined;
  channels: ReadonlyMap<string, Channel>;
  outbox: Outbox;
  clock: Clock;
}

/** The channels as people see them, and what they may send by hand: into the outbox, as everything else. */
export class Reports {
  constructor(private readonly parts: ReportsParts) {}

  async list(caller: Caller) {
    const { outbox, channels, clock } = this.parts;
    const states = await outbox.all();
    return this.#ownOf(caller).map((config) =>
      channelView(config, channels.get(config.name)?.about ?? '', states.get(config.name), clock()),
    );
  }

  /** Throws NOT_FOUND, CHANNEL_BUSY. */
  async test(name: string, caller: Caller): Promise<string> {
    const config = this.#find(name, caller);
    const message = { type: 'test', key: randomUUID(), atMs: this.parts.clock(), by: caller.name } as const;
    return this.#enqueue(config, message);
  }

  /** Throws NOT_FOUND, also for a channel that takes no summaries, and CHANNEL_BUSY. */
  async summarise(name: string, period: 'daily' | 'weekly', caller: Caller): Promise<string> {
    const config = this.#find(name, caller);
    if (config.type !== 'mail') throw consoleError('NOT_FOUND', { what: 'channel for summaries' });
    const atMs = this.parts.clock();
    const last = lastPeriod(period, config.zone, config.summaryHour, atMs);
    return this.#enqueue(config, { type: 'summary', key: `${name}:${randomUUID()}`, atMs, ...last });
  }

  async #enqueue({ name }: ChannelConfig, message: Message): Promise<string> {
    await this.parts.outbox.enqueue(name, message);
    return message.key;
  }

  #find(name: string, caller: Caller): ChannelConfig {
    const config = this.#ownOf(caller).find((one) => one.name === name);
    if (!config) throw consoleError('NOT_FOUND', { what: 'channel' });
    return config;
  }

  #ownOf({ tenant }: Caller): ChannelConfig[] {
    return (this.parts.config?.channels ?? []).filter((one) => tenant === undefined || one.tenant === tenant);
  }
}

function channelView(config: ChannelConfig, about: string, state: ChannelState | undefined, nowMs: number) {
  const { name, type, tenant, level, kinds, windowSeconds } = config;
  const { pending, waiting = [], sending, windowEndsMs = 0, deliveries = [], givenUp = 0 } = state ?? {};
  const collected = pending === undefined ? 0 : sumOf(countsOf(pending));
  const isWaiting = sending !== undefined && sending.nextMs > nowMs;
  return {
    ...{ name, type, about, level, kinds, windowSeconds, collected, givenUp },
    ...(tenant === undefined ? {} : { tenant }),
    ...(config.type === 'mail' ? { to: config.to } : {}),
    ...isoIf('collectedUntil', collected > 0 && windowEndsMs > nowMs ? windowEndsMs : undefined),
    waiting: waiting.length + (sending === undefined ? 0 : 1),
    ...isoIf('nextAttempt', isWaiting ? sending.nextMs : undefined),
    summaries: nextSummaries(config, nowMs).map(({ period, atMs }) => ({ period, next: iso(atMs) })),
    ...isoIf('lastDelivered', deliveries.find(({ outcome }) => outcome === 'delivered')?.atMs),
    deliveries: deliveries.map(deliveryView),
  };
}

function deliveryView({ atMs, key, type, about, outcome, attempt, response }: Delivery) {
  return { at: iso(atMs), key, type, about, outcome, attempt, response };
}
