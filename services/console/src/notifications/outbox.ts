import type { DecisionSelection, Registry } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';
import { type Message, messageOf, type Pending, withNews } from './message.js';
import { isAbout, type News } from './news.js';
import type { NewsTopic, Offsets, RecordedNews } from './news-reader.js';

const COLLECTION = 'notifications';
const MOST_TRIES = 20;
const MOST_DELIVERIES = 20;
const MOST_WAITING = 20;

/** A message under way: attempts so far, and who is at it. */
export interface Sending {
  message: Message;
  attempt: number;
  /** Not before. */
  nextMs: number;
  /** Recipients that are still to get it; all when absent. */
  to?: string[];
  /** Who sends it now, and until when nobody else may. */
  claim?: { by: string; untilMs: number };
}

export interface Delivery {
  atMs: number;
  key: string;
  type: Message['type'];
  /** Of the message, in one line. */
  about: string;
  outcome: 'delivered' | 'retried' | 'given-up';
  attempt: number;
  /** What the far side said, or why it could not be asked. */
  response: string;
}

/** All that is known of a channel: a document of the registry by the channel's name. */
export interface ChannelState {
  /** Offsets of the topics up to which news is in here. */
  taken: Offsets;
  pending?: Pending;
  /** Until then news is only collected. */
  windowEndsMs: number;
  /** At most one message at a time. */
  sending?: Sending;
  /** Summaries and tests. */
  waiting: Message[];
  /** The last period of each kind that was put here, by its first day. */
  summarised: { daily?: string; weekly?: string };
  /** Newest first. */
  deliveries: Delivery[];
  /** Messages that were given up, ever. */
  givenUp: number;
}

/**
 * What is to be told, and what was: one document a channel, changed only where it is as it was read. So each record of a
 * topic gets into it once, whoever reads it how often, and no two instances send the same message at a time.
 */
export class Outbox {
  constructor(private readonly registry: Registry) {}

  async get(channel: string): Promise<ChannelState | undefined> {
    return (await this.registry.get<ChannelState>(COLLECTION, channel))?.value;
  }

  async all(): Promise<Map<string, ChannelState>> {
    const documents = await this.registry.list<ChannelState>(COLLECTION);
    return new Map(documents.map(({ id, value }) => [id, value]));
  }

  /** A channel that nobody knew begins at these offsets: it is not told of the past. */
  async open(channel: string, taken: Offsets, summarised: ChannelState['summarised']): Promise<void> {
    const fresh: ChannelState = { taken, windowEndsMs: 0, waiting: [], summarised, deliveries: [], givenUp: 0 };
    try {
      await this.registry.put(COLLECTION, channel, fresh, 0);
    } catch (error) {
      if (!isRegistryConflict(error)) throw error;
    }
  }

  /** What a channel that is configured no longer had still to tell is answered, and gone. */
  async close(channel: string): Promise<ChannelState | undefined> {
    const found = await this.registry.get<ChannelState>(COLLECTION, channel);
    if (found) await this.registry.delete(COLLECTION, channel, found.version);
    return found?.value;
  }

  /**
   * Adds the news of a stretch of a topic, and remembers how far it reaches.
   *
   * @param news with their offsets; those before what was taken are there already
   */
  async take(
    channel: string,
    topic: NewsTopic,
    nextOffset: number,
    news: readonly RecordedNews[],
    nowMs: number,
  ): Promise<void> {
    await this.change(channel, (state) => {
      if (nextOffset <= state.taken[topic]) return undefined;
      const added = news.filter(({ offset }) => offset >= state.taken[topic]).map(({ item }) => item);
      const taken = { ...state.taken, [topic]: nextOffset };
      return { ...state, taken, ...(added.length > 0 ? { pending: withNews(state.pending, added, nowMs) } : {}) };
    });
  }

  /** Adds news that no topic tells of. */
  async add(channel: string, news: News, nowMs: number): Promise<void> {
    await this.change(channel, (state) => ({ ...state, pending: withNews(state.pending, [news], nowMs) }));
  }

  /** A message that waits for its turn. Throws CHANNEL_BUSY when too many do. */
  async enqueue(channel: string, message: Message): Promise<void> {
    await this.change(channel, (state) => {
      if (state.waiting.some(({ key }) => key === message.key) || state.sending?.message.key === message.key)
        return undefined;
      if (state.waiting.length >= MOST_WAITING) throw consoleError('CHANNEL_BUSY', { channel });
      return { ...state, waiting: [...state.waiting, message] };
    });
  }

  /**
   * The message that is to be sent now, for this instance alone until `untilMs`; undefined when there is none. What waits goes
   * first; news goes when the window is over, and begins the next one.
   */
  async claim(
    channel: string,
    by: string,
    { nowMs, untilMs, windowMs }: { nowMs: number; untilMs: number; windowMs: number },
  ): Promise<Sending | undefined> {
    const known = await this.get(channel);
    if (!known || !isDue(known, nowMs)) return undefined;
    const after = await this.change(channel, (state) => {
      if (!isDue(state, nowMs)) return undefined;
      const { sending, waiting, pending, ...rest } = state;
      const claim = { by, untilMs };
      const kept = pending ? { pending } : {};
      if (sending) return { ...rest, waiting, ...kept, sending: { ...sending, attempt: sending.attempt + 1, claim } };
      const [first, ...others] = waiting;
      const began = { attempt: 1, nextMs: nowMs, claim };
      if (first) return { ...rest, waiting: others, ...kept, sending: { message: first, ...began } };
      const message = messageOf(channel, pending as Pending, nowMs);
      return { ...rest, waiting, windowEndsMs: nowMs + windowMs, sending: { message, ...began } };
    });
    return after?.sending;
  }

  /** What became of a message that this instance claimed. @param retry when and to whom it goes again; absent: it is done with */
  async settle(channel: string, by: string, delivery: Delivery, retry?: Pick<Sending, 'nextMs' | 'to'>): Promise<void> {
    await this.change(channel, (state) => {
      const { sending, ...rest } = state;
      // Another instance took it over: what it finds out counts.
      if (sending?.claim?.by !== by || sending.message.key !== delivery.key) return undefined;
      const { message, attempt } = sending;
      const deliveries = [delivery, ...state.deliveries].slice(0, MOST_DELIVERIES);
      const givenUp = state.givenUp + (delivery.outcome === 'given-up' ? 1 : 0);
      return { ...rest, deliveries, givenUp, ...(retry ? { sending: { message, attempt, ...retry } } : {}) };
    });
  }

  /** Takes out what is still to be told about the selection; answers how many pieces of news. */
  async erase(selection: DecisionSelection): Promise<number> {
    let gone = 0;
    for (const channel of (await this.all()).keys()) {
      let before = 0;
      let left = 0;
      await this.change(channel, (state) => {
        before = newsIn(state);
        const after = withoutNews(state, selection);
        left = newsIn(after);
        return left === before ? undefined : after;
      });
      gone += before - left;
    }
    return gone;
  }

  /** @param changed answers undefined to leave it as it is. Answers the state after it, or undefined. */
  async change(
    channel: string,
    changed: (state: ChannelState) => ChannelState | undefined,
  ): Promise<ChannelState | undefined> {
    for (let tries = 1; ; tries++) {
      const found = await this.registry.get<ChannelState>(COLLECTION, channel);
      if (!found) throw consoleError('NOT_FOUND', { what: 'channel' });
      const after = changed(found.value);
      if (!after) return undefined;
      try {
        await this.registry.put(COLLECTION, channel, after, found.version);
        return after;
      } catch (error) {
        if (!isRegistryConflict(error) || tries >= MOST_TRIES) throw error;
      }
    }
  }
}

function newsIn({ pending, sending }: ChannelState): number {
  const underWay = sending?.message.type === 'news' ? sending.message.items.length : 0;
  return (pending?.items.length ?? 0) + underWay;
}

/** A message of which nothing is left is sent no more; of one that is being sent, the rest goes when it is tried again. */
function withoutNews({ pending, sending, ...rest }: ChannelState, selection: DecisionSelection): ChannelState {
  const left = <T extends { items: News[]; more: object }>(of: T): T | undefined => {
    const items = of.items.filter((news) => !isAbout(news, selection));
    return items.length === 0 && Object.keys(of.more).length === 0 ? undefined : { ...of, items };
  };
  const stillPending = pending && left(pending);
  const message = sending?.message.type === 'news' ? left(sending.message) : sending?.message;
  return {
    ...rest,
    ...(stillPending && { pending: stillPending }),
    ...(sending && message && { sending: { ...sending, message } }),
  };
}

function isDue({ sending, waiting, pending, windowEndsMs }: ChannelState, nowMs: number): boolean {
  if (sending) return sending.nextMs <= nowMs && (sending.claim === undefined || sending.claim.untilMs <= nowMs);
  return waiting.length > 0 || (pending !== undefined && windowEndsMs <= nowMs);
}
