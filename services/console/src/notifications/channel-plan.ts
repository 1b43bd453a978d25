import type { ChannelConfig } from '@fleetwall/config';
import { type BlockNews, levelOf, type News, type NewsKind, type NewsReason, rankOf } from './news.js';

/** Kinds of channels that take an acknowledgement. */
const ACKNOWLEDGED: readonly ChannelConfig['type'][] = ['webhook', 'pagerduty'];

export interface Admission {
  /** Hosts of a tenant. */
  hostsOf: (tenant: string) => Promise<ReadonlySet<string>>;
}

/** News as a channel is to be told it; undefined when it is not. A tenant reads no other tenant's reasons. */
export async function newsFor(channel: ChannelConfig, news: News, { hostsOf }: Admission): Promise<News | undefined> {
  if (!wants(channel, news.kind)) return undefined;
  const { tenant } = channel;
  const own = tenant === undefined ? news : await ofTenant(news, tenant, hostsOf);
  if (!own) return undefined;
  const level = levelOf(own);
  // What a person did has no level, and is told.
  return level === undefined || rankOf(level) >= rankOf(channel.level) ? own : undefined;
}

function wants({ type, kinds }: ChannelConfig, kind: News['kind']): boolean {
  if (kind === 'alert-acknowledged') return ACKNOWLEDGED.includes(type) && kinds.includes('alert');
  return kinds.includes(kind satisfies NewsKind);
}

async function ofTenant(news: News, tenant: string, hostsOf: Admission['hostsOf']): Promise<News | undefined> {
  if ('alertId' in news) return news.tenant === tenant ? news : undefined;
  const isOnOwn = await isOnOwnHosts(news, tenant, hostsOf);
  // What a person wrote is for those whose hosts it is about.
  const isOwn = (reason: NewsReason) => (reason.type === 'person' ? isOnOwn : reason.tenant === tenant);
  const reasons = news.reasons.filter(isOwn);
  if (reasons.length === 0 && !isOnOwn) return undefined;
  return { ...news, reasons, hiddenReasons: news.hiddenReasons + news.reasons.length - reasons.length };
}

/** A block of the whole fleet is on everybody's hosts: told only to whose alerts led to it. */
async function isOnOwnHosts({ scope }: BlockNews, tenant: string, hostsOf: Admission['hostsOf']): Promise<boolean> {
  if (scope.type === 'fleet') return false;
  return scope.type === 'tenant' ? scope.id === tenant : (await hostsOf(tenant)).has(scope.id);
}
