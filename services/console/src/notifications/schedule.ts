import type { ChannelConfig } from '@fleetwall/config';
import type { Clock } from '@fleetwall/core';
import { lastPeriod, nextDueMs, pastPeriods } from '../reports/periods.js';
import type { SummaryMessage } from './message.js';
import type { ChannelState, Outbox } from './outbox.js';

type MailConfig = Extract<ChannelConfig, { type: 'mail' }>;

/** Periods that are told of late, after a time without the service: a week of days, a month of weeks. */
const MOST_LATE = { daily: 7, weekly: 4 } as const;

/** What a new channel counts as told: it gets no summaries of periods before it was there. */
export function summarisedNow(channel: ChannelConfig, nowMs: number): ChannelState['summarised'] {
  if (channel.type !== 'mail') return {};
  const { zone, summaryHour } = channel;
  const lastOf = (kind: 'daily' | 'weekly') => lastPeriod(kind, zone, summaryHour, nowMs).day;
  return { daily: lastOf('daily'), weekly: lastOf('weekly') };
}

/** Puts the summaries that are due into the outbox, each period once: its first day is remembered with it. */
export async function enqueueDue(channel: ChannelConfig, outbox: Outbox, clock: Clock): Promise<void> {
  if (channel.type !== 'mail' || channel.summaries.length === 0) return;
  const nowMs = clock();
  const state = await outbox.get(channel.name);
  if (!state) return;
  for (const kind of channel.summaries) {
    for (const message of dueOf(channel, kind, state.summarised[kind] ?? '', nowMs))
      await outbox.change(channel.name, (now) => withSummary(now, message));
  }
}

/** Oldest first. */
function dueOf({ name, zone, summaryHour }: MailConfig, kind: 'daily' | 'weekly', told: string, nowMs: number) {
  return pastPeriods(kind, MOST_LATE[kind], zone, summaryHour, nowMs)
    .filter(({ day }) => day > told)
    .reverse()
    .map(
      (period): SummaryMessage => ({
        type: 'summary',
        key: `${name}:${period.period}:${period.day}`,
        atMs: nowMs,
        ...period,
      }),
    );
}

function withSummary(state: ChannelState, message: SummaryMessage): ChannelState | undefined {
  const { period, day } = message;
  if (day <= (state.summarised[period] ?? '')) return undefined;
  return {
    ...state,
    summarised: { ...state.summarised, [period]: day },
    waiting: [...state.waiting, message],
  };
}

/** When the next summaries of a channel go. */
export function nextSummaries(channel: ChannelConfig, nowMs: number): { period: 'daily' | 'weekly'; atMs: number }[] {
  if (channel.type !== 'mail') return [];
  const { summaries, zone, summaryHour } = channel;
  return summaries.map((period) => ({ period, atMs: nextDueMs(period, zone, summaryHour, nowMs) }));
}
