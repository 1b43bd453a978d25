import type { Alert } from '../api/types.js';
import { countOf } from '../parts/numbers.js';
import { duration } from '../parts/times.js';

/** What a sentence is told from. */
export type Told = Pick<
  Alert,
  | 'rule'
  | 'title'
  | 'key'
  | 'count'
  | 'hosts'
  | 'first'
  | 'last'
  | 'state'
  | 'knownGood'
  | 'history'
  | 'contributorCount'
>;

/** One part of a story; a subject has a page of its own. */
export type Word = string | { field: string; value: string };

/**
 * Who, what, where, how long: `203.0.113.7 failed 23 times on 14 hosts in 3 d 4 h.` A rule that nobody has told a
 * sentence for is told by its title and its key.
 */
export function storyOf(alert: Told): Word[] {
  const { count, contributorCount } = alert;
  const subject = subjectOf(alert);
  const where = ` ${placeOf(alert)}${spanOf(alert)}.`;
  switch (alert.rule) {
    case 'fast-brute-force':
    case 'slow-grind':
      return [subject, ` failed ${countOf(count, 'time')}`, where];
    case 'distributed-brute-force':
      return [`${countOf(contributorCount || count, 'address', 'addresses')} failed on `, subject, where];
    case 'password-spraying':
      return [subject, ` tried ${countOf(count, 'account')}`, where];
    case 'many-hosts':
      return [subject, ` failed on ${countOf(count, 'host')}${spanOf(alert)}.`];
    case 'success-after-failures':
      return [...loggedOn(alert.key), where];
    default:
      return [`${alert.title}: `, subject, `, ${countOf(count, 'match', 'matches')}`, where];
  }
}

/** The same as plain text, for titles and labels. */
export function storyText(alert: Told): string {
  return storyOf(alert)
    .map((word) => (typeof word === 'string' ? word : word.value))
    .join('');
}

/** What became of it by itself, where that is worth a word. */
export function outcomeOf(alert: Told): string | undefined {
  if (alert.state === 'withdrawn') return 'Withdrawn: its evidence no longer counts.';
  if (alert.knownGood) return 'Not blocked: known good for this account.';
  if (alert.history) return 'History: read from before the first start.';
  return undefined;
}

/** What people made of it, else what became of it by itself. */
export function stateOf({ verdict, state }: Pick<Alert, 'verdict' | 'state'>): string {
  if (verdict) return verdict === 'true-positive' ? 'True positive' : 'False positive';
  return { open: 'Going on', over: 'Over', withdrawn: 'Withdrawn' }[state];
}

function loggedOn(key: Record<string, string>): Word[] {
  const { 'source.ip': address, 'user.name': user } = key;
  const who: Word[] = address ? [{ field: 'source.ip', value: address }] : ['Someone'];
  return [...who, ' logged on', ...(user ? [' as ', { field: 'user.name', value: user }] : []), ' after many failures'];
}

function subjectOf({ key, hosts }: Told): Word {
  const [first] = Object.entries(key);
  if (first) return { field: first[0], value: first[1] };
  return hosts[0] ? { field: 'host.name', value: hosts[0] } : 'the fleet';
}

function placeOf({ hosts }: Told): string {
  return hosts.length === 1 ? `on ${hosts[0]}` : `on ${countOf(hosts.length, 'host')}`;
}

function spanOf({ first, last }: Told): string {
  const ms = Date.parse(last) - Date.parse(first);
  return ms < 1_000 ? '' : ` in ${duration(ms)}`;
}
