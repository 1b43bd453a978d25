import type { ChannelConfig } from '@fleetwall/config';
import { type AlertChange, type Block, type BlockPorts, type DecisionSelection, isOneOf } from '@fleetwall/core';
import { LEVELS } from '../alerts/alert-routes.js';

export type NewsKind = ChannelConfig['kinds'][number];
export type Level = AlertChange['level'];

/** As many hosts as a message names. */
const MOST_HOSTS = 5;

/** An alert opened, was acknowledged by somebody, or ended by itself. */
export interface AlertNews {
  kind: 'alert' | 'alert-ended' | 'alert-acknowledged';
  /** Deterministic: the same change gives the same key. */
  key: string;
  alertId: string;
  version: number;
  state: AlertChange['state'];
  tenant: string;
  level: Level;
  rule: string;
  title: string;
  /** The group-by fields and their values: some of them attackers wrote. */
  group: Record<string, string>;
  count: number;
  /** At most {@link MOST_HOSTS}. */
  hosts: string[];
  hostCount: number;
  firstMs: number;
  lastMs: number;
  /** Who acknowledged it. */
  by?: string;
}

/** Why something is blocked. `tenant` and `level` are absent where nobody knows the alert any more. */
export type NewsReason =
  | {
      type: 'alert';
      alertId: string;
      rule: string;
      count: number;
      hosts: string[];
      hostCount: number;
      tenant?: string;
      level?: Level;
      title?: string;
    }
  | { type: 'person'; by: string; comment: string };

/** A block came into force (or would have: `dry-run`), or ended. */
export interface BlockNews {
  kind: 'block' | 'block-ended';
  key: string;
  blockId: string;
  version: number;
  target: string;
  scope: Block['scope'];
  state: Block['state'];
  atMs: number;
  untilMs: number;
  offence: number;
  ports?: BlockPorts;
  reasons: NewsReason[];
  /** How many more are another tenant's. */
  hiddenReasons: number;
}

export type News = AlertNews | BlockNews;

export function alertNewsOf(kind: AlertNews['kind'], change: Omit<AlertChange, 'contributors' | 'cleared'>): AlertNews {
  const { id, version, state, tenant, level, rule, title, key: group, count, hosts, firstMs, lastMs } = change;
  return {
    kind,
    key: `${kind}:${id}:${version}`,
    alertId: id,
    ...{ version, state, tenant, level, rule, title, group, count, firstMs, lastMs },
    ...hostsOf(hosts),
  };
}

export function hostsOf(hosts: readonly string[]): { hosts: string[]; hostCount: number } {
  return { hosts: hosts.slice(0, MOST_HOSTS), hostCount: hosts.length };
}

/** Whether an erasure of the selection takes it along. */
export function isAbout(news: News, { values, tenant }: DecisionSelection): boolean {
  if ('alertId' in news) {
    const isOf = tenant === undefined || news.tenant === tenant;
    return isOf && (values === undefined || Object.values(news.group).some((value) => values.includes(value)));
  }
  const { scope, target } = news;
  const isOf = tenant === undefined || (scope.type === 'tenant' && scope.id === tenant);
  return isOf && (values === undefined || isOneOf(target, values));
}

/** The gravest of a block's alerts; undefined where only people asked for it, or nobody knows the alerts. */
export function levelOf(news: News): Level | undefined {
  if (!('reasons' in news)) return news.level;
  const ranks = news.reasons.map((reason) => (reason.type === 'alert' && reason.level ? rankOf(reason.level) : -1));
  return LEVELS[Math.max(-1, ...ranks)];
}

export function rankOf(level: Level): number {
  return LEVELS.indexOf(level);
}
