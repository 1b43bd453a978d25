import type { AlertChange, Block, BlockReason } from '@fleetwall/core';
import { type AlertNews, alertNewsOf, type BlockNews } from './news.js';
import { Words } from './words.js';

export const NOW_MS = Date.UTC(2026, 10, 22, 14);

export function alertOf(id: string, more: Partial<AlertChange> = {}): AlertChange {
  return {
    ...{ id, version: 1, state: 'open', rule: 'slow-grind', ruleId: 'r', title: 'Slow grind', level: 'high', tags: [] },
    ...{ tenant: 'acme', key: { 'source.ip': '203.0.113.7' }, evidenceClass: 'handshake', knownGood: false },
    ...{ history: false, threshold: 5, firstMs: NOW_MS - 60_000, lastMs: NOW_MS, firedMs: NOW_MS, count: 23 },
    ...{ hosts: ['web-01', 'mail-03'], evidence: [], contributors: [], cleared: [] },
    ...more,
  };
}

export function alertNews(id: string, more: Partial<AlertChange> = {}): AlertNews {
  return alertNewsOf('alert', alertOf(id, more));
}

export function reasonOf(alertId: string): BlockReason {
  const reason = { alertId, version: 1, rule: 'slow-grind', ruleId: 'r', summary: '', count: 23 };
  return { type: 'alert', ...reason, hosts: ['web-01'], evidence: [] };
}

export function blockOf(target: string, more: Partial<Block> = {}): Block {
  return {
    ...{ id: `block-${target}`, version: 1, target, scope: { type: 'fleet' }, state: 'active' },
    ...{ atMs: NOW_MS, untilMs: NOW_MS + 7_200_000, offence: 1, forgetBeforeMs: 0, cutSessions: false },
    ...{ reasons: [reasonOf('a1')], except: [], history: [] },
    ...more,
  };
}

export function blockNews(target: string, more: Partial<BlockNews> = {}): BlockNews {
  const key = `block:block-${target}:${NOW_MS}:1`;
  return {
    ...{ kind: 'block', key, blockId: `block-${target}`, version: 1, target, scope: { type: 'fleet' } },
    ...{ state: 'active', atMs: NOW_MS, untilMs: NOW_MS + 7_200_000, offence: 1, hiddenReasons: 0 },
    reasons: [
      {
        ...{ type: 'alert', alertId: 'a1', rule: 'slow-grind', count: 23, hosts: ['web-01'], hostCount: 1 },
        ...{ tenant: 'acme', level: 'high', title: 'Slow grind' },
      },
    ],
    ...more,
  };
}

/** Words that know these accounts. */
export function wordsOf(
  accounts: readonly string[] = [],
  consoleUrl: string | undefined = 'https://fleetwall.example',
) {
  return new Words({ accounts: { has: async (name) => accounts.includes(name) }, consoleUrl, zone: 'UTC' });
}
