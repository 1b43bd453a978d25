import { createHash } from 'node:crypto';
import type { News } from './news.js';

export type NewsCounts = Partial<Record<News['kind'], number>>;

/** What a channel has still to tell. Bounded: beyond {@link MOST_ITEMS} news is only counted. */
export interface Pending {
  sinceMs: number;
  items: News[];
  more: NewsCounts;
}

/** As many as a message holds in full. */
export const MOST_ITEMS = 200;

interface Told {
  /** Deterministic; the far side knows a repeat by it. */
  key: string;
  atMs: number;
}

/** One piece of news, or what came within a window. */
export interface NewsMessage extends Told {
  type: 'news';
  items: News[];
  more: NewsCounts;
}

/** Of a past period; what it says is looked up when it is sent. */
export interface SummaryMessage extends Told {
  type: 'summary';
  period: 'daily' | 'weekly';
  /** First day of the period in the channel's zone, `2026-11-30`. */
  day: string;
  fromMs: number;
  toMs: number;
}

/** An administrator wants to see whether the channel works. */
export interface TestMessage extends Told {
  type: 'test';
  by: string;
}

export type Message = NewsMessage | SummaryMessage | TestMessage;

/** Adds news; one that is there already changes nothing. */
export function withNews(pending: Pending | undefined, added: readonly News[], nowMs: number): Pending {
  const { sinceMs, items, more } = pending ?? { sinceMs: nowMs, items: [], more: {} };
  const known = new Set(items.map(({ key }) => key));
  const fresh = added.filter(({ key }) => !known.has(key));
  const room = Math.max(0, MOST_ITEMS - items.length);
  const counted = { ...more };
  for (const { kind } of fresh.slice(room)) counted[kind] = (counted[kind] ?? 0) + 1;
  return { sinceMs, items: [...items, ...fresh.slice(0, room)], more: counted };
}

/** The message of what a channel has to tell. */
export function messageOf(channel: string, { items, more }: Pending, nowMs: number): NewsMessage {
  const identity = JSON.stringify([channel, items.map(({ key }) => key), more]);
  return {
    type: 'news',
    key: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    atMs: nowMs,
    items,
    more,
  };
}

/** How many of each kind a message tells of, those that are only counted included. */
export function countsOf({ items, more }: Pick<NewsMessage, 'items' | 'more'>): NewsCounts {
  const counts: NewsCounts = { ...more };
  for (const { kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

export function sumOf(counts: NewsCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
