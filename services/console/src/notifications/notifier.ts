import type { ChannelConfig, NotificationsConfig } from '@fleetwall/config';
import {
  type Bus,
  type Clock,
  countedOf,
  type DecisionStore,
  type Measured,
  type StoredAlert,
  TOPICS,
} from '@fleetwall/core';
import type { AlertNote } from '../alerts/alert-notes.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { TenantHosts } from '../tenancy/tenant-hosts.js';
import { newsFor } from './channel-plan.js';
import type { Channel } from './channels/channel.js';
import { Courier, type CourierOptions, type DeliveryStats } from './courier.js';
import { countsOf } from './message.js';
import { alertNewsOf } from './news.js';
import { NewsReader, type NewsTopic, type Offsets, type RecordedNews } from './news-reader.js';
import type { ChannelState, Outbox } from './outbox.js';
import { enqueueDue, summarisedNow } from './schedule.js';
import { aboutOf, countsText } from './words.js';

export interface NotifierParts {
  config: NotificationsConfig | undefined;
  /** Of each channel of the configuration. */
  channels: ReadonlyMap<string, Channel>;
  bus: Bus;
  decisions: DecisionStore;
  outbox: Outbox;
  audit: Pick<AuditLog, 'record'>;
  tenantHosts: Pick<TenantHosts, 'of'>;
  clock: Clock;
  onError: (error: unknown) => void;
  /** Of couriers, for tests. */
  pace?: Pick<CourierOptions, 'everyMs' | 'claimMs'>;
}

const SCHEDULE_EVERY_MS = 15_000;
/** Progress without news is remembered this often: until then the records are read again after a restart. */
const REMEMBER_EVERY = 5_000;

/** News into the outbox of every channel that wants it, and out of there to people; by one instance at a time. */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #reader: NewsReader;
  readonly #deliveries: DeliveryStats = { delivered: 0, retried: 0, givenUp: 0 };
  /** Up to where each channel has taken each topic, as far as this instance knows. */
  readonly #remembered = new Map<string, Offsets>();
  #couriers: Courier[] = [];
  #schedule: NodeJS.Timeout | undefined;
  #switching: Promise<void> = Promise.resolve();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    const { bus, decisions, clock, onError } = parts;
    this.#reader = new NewsReader({
      ...{ bus, decisions, clock, onError },
      takenUpTo: () => this.#takenUpTo(),
      onNews: (topic, nextOffset, news) => this.#take(topic, nextOffset, news),
      onActive: (isActive) => this.#switch(isActive),
    });
  }

  get #configs(): readonly ChannelConfig[] {
    return this.#parts.config?.channels ?? [];
  }

  /** Nothing is read, and nothing sent, where no channel is configured. */
  async start(): Promise<void> {
    await this.#openChannels();
    if (this.#configs.length > 0) await this.#reader.start();
    else await this.#closeOthers();
  }

  async stop(): Promise<void> {
    await this.#reader.stop();
    this.#switch(false);
    await this.#switching;
  }

  numbers(): Measured[] {
    return countedOf('notifications', 'Notifications', { ...this.#reader.stats, ...this.#deliveries }, []);
  }

  /** What people did about an alert: programs that wait for that are told. */
  async handled(alert: StoredAlert, status: AlertNote['status'], by: string): Promise<void> {
    if (status === 'open' || alert.state !== 'open') return;
    const { outbox, clock } = this.#parts;
    const kind = status === 'closed' ? 'alert-ended' : 'alert-acknowledged';
    const news = { ...alertNewsOf(kind, alert), key: `${status}:${alert.id}:${clock()}`, by };
    for (const config of this.#configs) {
      const own = await newsFor(config, news, this.#admission);
      if (own) await outbox.add(config.name, own, clock());
    }
  }

  /** A new channel begins now, and is told nothing of the past. */
  async #openChannels(): Promise<void> {
    const { outbox, bus, clock } = this.#parts;
    // Before the ends of the topics: what was taken by then is not beyond them, unless the log was begun anew.
    const known = await outbox.all();
    const end = async (topic: string) => (await bus.ranges(topic)).reduce((most, { high }) => Math.max(most, high), 0);
    const taken = { alerts: await end(TOPICS.alerts), blocks: await end(TOPICS.blocks) };
    for (const config of this.#configs) {
      const state = known.get(config.name);
      if (!state) await outbox.open(config.name, taken, summarisedNow(config, clock()));
      else if (state.taken.alerts > taken.alerts || state.taken.blocks > taken.blocks)
        await outbox.change(config.name, (now) => ({ ...now, taken: lowerOf(now.taken, taken) }));
    }
  }

  /** What a channel that is configured no longer had still to tell is told of in the audit log. */
  async #closeOthers(): Promise<void> {
    const { outbox, audit } = this.#parts;
    const names = new Set(this.#configs.map(({ name }) => name));
    for (const about of (await outbox.all()).keys()) {
      if (names.has(about)) continue;
      const state = await outbox.close(about);
      if (!state?.sending && !state?.pending && !state?.waiting.length) continue;
      const after = { untold: untoldOf(state) };
      await audit.record({ who: 'fleetwall', what: 'notify', about, outcome: 'failed', after });
    }
  }

  /** Asked when this instance begins to tell. */
  async #takenUpTo(): Promise<Offsets> {
    await this.#openChannels();
    await this.#closeOthers();
    const states = await this.#parts.outbox.all();
    let taken: Offsets = { alerts: Number.MAX_SAFE_INTEGER, blocks: Number.MAX_SAFE_INTEGER };
    for (const { name } of this.#configs) {
      const own = states.get(name)?.taken ?? { alerts: 0, blocks: 0 };
      this.#remembered.set(name, own);
      taken = lowerOf(taken, own);
    }
    return taken;
  }

  async #take(topic: NewsTopic, nextOffset: number, news: readonly RecordedNews[]): Promise<void> {
    const { outbox, clock } = this.#parts;
    for (const config of this.#configs) {
      const { name } = config;
      const known = this.#remembered.get(name) ?? { alerts: 0, blocks: 0 };
      const own: RecordedNews[] = [];
      for (const { offset, item } of news) {
        const told = offset < known[topic] ? undefined : await newsFor(config, item, this.#admission);
        if (told) own.push({ offset, item: told });
      }
      if (own.length === 0 && nextOffset < known[topic] + REMEMBER_EVERY) continue;
      await outbox.take(name, topic, nextOffset, own, clock());
      // The other topic went on meanwhile.
      const now = this.#remembered.get(name) ?? known;
      this.#remembered.set(name, { ...now, [topic]: Math.max(now[topic], nextOffset) });
    }
  }

  get #admission() {
    return { hostsOf: (tenant: string) => this.#parts.tenantHosts.of(tenant) };
  }

  #switch(isActive: boolean): void {
    this.#switching = this.#switching.then(() => (isActive ? this.#begin() : this.#end())).catch(this.#parts.onError);
  }

  #begin(): void {
    if (this.#couriers.length > 0) return;
    const { channels, outbox, audit, bus, clock, onError, pace } = this.#parts;
    this.#couriers = this.#configs.flatMap(({ name, tenant, windowSeconds }) => {
      const channel = channels.get(name);
      if (!channel) return [];
      const windowMs = windowSeconds * 1_000;
      const own = { name, tenant, windowMs, channel, outbox, audit, bus, clock, onError };
      return [new Courier({ ...own, random: Math.random, stats: this.#deliveries, ...pace })];
    });
    for (const courier of this.#couriers) courier.start();
    this.#enqueueDue();
    this.#schedule = setInterval(() => this.#enqueueDue(), SCHEDULE_EVERY_MS);
  }

  async #end(): Promise<void> {
    clearInterval(this.#schedule);
    const couriers = this.#couriers;
    this.#couriers = [];
    await Promise.all(couriers.map((courier) => courier.stop()));
  }

  #enqueueDue(): void {
    const { outbox, clock, onError } = this.#parts;
    Promise.all(this.#configs.map((config) => enqueueDue(config, outbox, clock))).catch(onError);
  }
}

/** What a channel had still to tell, without anything that a stranger wrote. */
function untoldOf({ sending, pending, waiting }: ChannelState): string[] {
  const messages = [...(sending ? [sending.message] : []), ...waiting].map(aboutOf);
  return pending ? [...messages, countsText(countsOf(pending))] : messages;
}

function lowerOf(a: Offsets, b: Offsets): Offsets {
  return { alerts: Math.min(a.alerts, b.alerts), blocks: Math.min(a.blocks, b.blocks) };
}
