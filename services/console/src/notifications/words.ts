import { isCommonName, isMask } from '@fleetwall/assembly';
import { portsText, scopeText } from '@fleetwall/core';
import type { KnownAccounts } from './known-accounts.js';
import { countsOf, type Message, type NewsCounts, type NewsMessage, sumOf, type TestMessage } from './message.js';
import { type AlertNews, type BlockNews, levelOf, type News, type NewsReason, rankOf } from './news.js';
import { safeName, safeText } from './safe-text.js';

/** Plain text throughout; what shows it escapes it for where it is shown. */
export interface Told {
  subject: string;
  /** One sentence. */
  headline: string;
  rows: ToldRow[];
  /** What is not in the rows, or why there are none. */
  notes: string[];
}

export interface ToldRow {
  text: string;
  /** The page of the console with the evidence. */
  url?: string;
}

export interface WordsOptions {
  accounts: Pick<KnownAccounts, 'has'>;
  /** `https://fleetwall.example`, without a slash at its end; no links without it. */
  consoleUrl: string | undefined;
  zone: string;
}

/** As many as are told one by one, the gravest first. */
const MOST_ROWS = 20;
const MOST_REASONS = 3;
/** Group-by fields whose values no stranger writes. */
const OWN_FIELDS = ['source.ip', 'host.name', 'destination.port', 'source.as.number'];

const NOUNS: Record<News['kind'], [one: string, more: string]> = {
  alert: ['alert', 'alerts'],
  'alert-ended': ['alert over', 'alerts over'],
  'alert-acknowledged': ['alert acknowledged', 'alerts acknowledged'],
  block: ['block', 'blocks'],
  'block-ended': ['block ended', 'blocks ended'],
};

/** Messages in words, the same for every kind of channel. */
export class Words {
  constructor(private readonly options: WordsOptions) {}

  /** Of news or a test. A summary is more than words: only mail takes it, as the options see to. */
  async of(message: Message): Promise<Told> {
    if (message.type === 'summary') throw new Error('a summary is for mail alone');
    return message.type === 'news' ? this.#ofNews(message) : this.ofTest(message);
  }

  async #ofNews(message: NewsMessage): Promise<Told> {
    const counts = countsOf(message);
    const total = sumOf(counts);
    const graveFirst = [...message.items].sort((a, b) => gravity(b) - gravity(a)).slice(0, MOST_ROWS);
    const rows = await Promise.all(graveFirst.map((item) => this.row(item)));
    const left = total - rows.length;
    const [only] = message.items;
    const isOne = total === 1 && only !== undefined;
    return {
      subject: isOne ? subjectOf(only) : countsText(counts),
      headline: isOne ? (rows[0] as ToldRow).text : `${countsText(counts)}.`,
      rows,
      notes: left > 0 ? [`+ ${numberText(left)} more: the console has all of them.`] : [],
    };
  }

  ofTest({ by }: TestMessage): Told {
    const headline = `A test of this channel, asked for by ${safeName(by)}. Nothing happened.`;
    return { subject: 'test', headline, rows: [], notes: [] };
  }

  async row(news: News): Promise<ToldRow> {
    const text = 'alertId' in news ? await this.#alertText(news) : this.#blockText(news);
    const url = this.#urlOf(news);
    return { text, ...(url === undefined ? {} : { url }) };
  }

  async #alertText(news: AlertNews): Promise<string> {
    const { kind, level, title, count, hosts, hostCount, firstMs, by } = news;
    const start = kind === 'alert' ? level.toUpperCase() : endOf(news);
    const who = (await this.#groupOf(news)).join(', ');
    const where = `${numberText(count)} on ${hostsText(hosts, hostCount)} since ${this.#time(firstMs)}`;
    const acknowledged = by === undefined ? '' : `, by ${safeName(by)}`;
    return `${start} ${safeText(title)}${who && `: ${who}`}, ${where}${acknowledged}.`;
  }

  /**
   * Values of the key; of those that strangers write only masks, and the names of accounts that exist or are tried
   * everywhere.
   */
  async #groupOf({ group, tenant }: AlertNews): Promise<string[]> {
    const own = OWN_FIELDS.flatMap((field) => (group[field] === undefined ? [] : [safeText(group[field])]));
    const name = group['user.name'];
    if (name === undefined) return own;
    if (isMask(name)) return [...own, `masked account ${name}`];
    const isShown = isCommonName(name) || (await this.options.accounts.has(name, tenant));
    return [...own, isShown ? `account ${safeName(name)}` : 'an account that is not known to exist'];
  }

  #blockText(news: BlockNews): string {
    const { kind, target, scope, state, untilMs, ports, reasons, hiddenReasons } = news;
    const where = scope.type === 'fleet' ? 'fleet-wide' : `on ${safeName(scopeText(scope))}`;
    const what = kind === 'block' ? (state === 'dry-run' ? 'Would have blocked' : 'Blocked') : STATE_WORDS[state];
    const until = kind === 'block' ? ` until ${this.#time(untilMs)}, ${portsText(ports)}` : '';
    const shown = reasons.slice(0, MOST_REASONS).map(reasonText);
    const hidden = reasons.length - shown.length + hiddenReasons;
    const why = [...shown, ...(hidden > 0 ? [countOf(hidden, 'more reason', 'more reasons')] : [])].join('; ');
    return `${what} ${target} ${where}${until}${why && `: ${why}`}.`;
  }

  /** One click from the message to the evidence: the alert; of a block by hand, the page of the address. */
  #urlOf(news: News): string | undefined {
    const { consoleUrl } = this.options;
    if (consoleUrl === undefined) return undefined;
    if ('alertId' in news) return `${consoleUrl}/alerts/${encodeURIComponent(news.alertId)}`;
    const alert = news.reasons.find((reason) => reason.type === 'alert');
    return alert
      ? `${consoleUrl}/alerts/${encodeURIComponent(alert.alertId)}`
      : `${consoleUrl}/addresses/${encodeURIComponent(news.target)}`;
  }

  #time(timeMs: number): string {
    return timeText(timeMs, this.options.zone);
  }
}

const STATE_WORDS: Record<AlertNews['state'] | BlockNews['state'], string> = {
  open: 'Open:',
  over: 'Over:',
  withdrawn: 'Withdrawn:',
  held: 'Held:',
  active: 'Blocked',
  lifted: 'Lifted:',
  expired: 'Expired:',
  'too-late': 'Would have blocked',
  'dry-run': 'Would have blocked',
};

/** `22 Nov 2026, 14:02:11 CET`. */
export function timeText(timeMs: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    ...{ hourCycle: 'h23', timeZone: zone, timeZoneName: 'short' },
  } as const).format(timeMs);
}

export function numberText(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 host`, `1,204 hosts`. */
export function countOf(count: number, one: string, more: string): string {
  return `${numberText(count)} ${count === 1 ? one : more}`;
}

/** `2 alerts, 340 blocks`. */
export function countsText(counts: NewsCounts): string {
  return (Object.keys(NOUNS) as News['kind'][])
    .filter((kind) => (counts[kind] ?? 0) > 0)
    .map((kind) => countOf(counts[kind] as number, ...NOUNS[kind]))
    .join(', ');
}

/** A message in one line, without anything that a stranger wrote. */
export function aboutOf(message: Message): string {
  if (message.type === 'news') return countsText(countsOf(message));
  return message.type === 'test' ? 'test' : `${message.period} summary, ${message.day}`;
}

function subjectOf(news: News): string {
  if ('alertId' in news) {
    const address = news.group['source.ip'];
    const start = news.kind === 'alert' ? news.level.toUpperCase() : endOf(news);
    return `${start} ${safeText(news.title)}${address === undefined ? '' : `: ${safeText(address)}`}`;
  }
  if (news.kind === 'block') return `${news.state === 'dry-run' ? 'would have blocked' : 'blocked'} ${news.target}`;
  return `${news.state}: ${news.target}`;
}

/** What became of an alert, by people or by itself. */
function endOf({ kind, state, by }: AlertNews): string {
  if (kind === 'alert-acknowledged') return 'Acknowledged:';
  return by === undefined ? STATE_WORDS[state] : 'Closed:';
}

function reasonText(reason: NewsReason): string {
  if (reason.type === 'person') return `by ${safeName(reason.by)}, "${safeName(reason.comment)}"`;
  const { title, rule, count, hosts, hostCount } = reason;
  return `${safeText(title ?? rule)}, ${numberText(count)} on ${hostsText(hosts, hostCount)}`;
}

function hostsText(hosts: readonly string[], hostCount: number): string {
  if (hostCount === 0) return 'hosts unknown';
  const named = hosts.map((host) => safeText(host, 60)).join(', ');
  return `${countOf(hostCount, 'host', 'hosts')} (${named}${hostCount > hosts.length ? ', …' : ''})`;
}

/** What came into force before what ended, the graver level first. */
function gravity(news: News): number {
  const level = levelOf(news);
  const isNew = news.kind === 'alert' || news.kind === 'block';
  return (isNew ? 10 : 0) + (level === undefined ? 0 : rankOf(level)) + (news.kind === 'alert' ? 0.5 : 0);
}
