import { type Message, type NewsMessage, sumOf, type TestMessage } from '../message.js';
import { type Level, levelOf, type News } from '../news.js';
import { countsText, type Words } from '../words.js';
import type { Channel, Receipt, SendOptions } from './channel.js';
import type { HttpTarget } from './http-target.js';

const SEVERITIES: Record<Level, 'info' | 'warning' | 'error' | 'critical'> = {
  informational: 'info',
  low: 'info',
  medium: 'warning',
  high: 'error',
  critical: 'critical',
};
/** https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const MOST_SUMMARY = 1_024;
const MOST_KEY = 255;

type Act = 'trigger' | 'acknowledge' | 'resolve';

const ACTS: Record<News['kind'], Act> = {
  alert: 'trigger',
  'alert-acknowledged': 'acknowledge',
  'alert-ended': 'resolve',
  block: 'trigger',
  'block-ended': 'resolve',
};

/**
 * Events v2 of PagerDuty: an incident for each alert or block, by its `dedup_key`, so that a repeat changes nothing. What
 * found no place in a message is one incident of its own.
 */
export class PagerDutyChannel implements Channel {
  constructor(private readonly options: { target: HttpTarget; routingKey: string; words: Words; source: string }) {}

  get about(): string {
    return `PagerDuty at ${this.options.target.host}`;
  }

  /** One event after the other, in order: the first that is not taken ends it, and all of them come again. */
  async send(message: Message, { signal }: SendOptions): Promise<Receipt> {
    if (message.type === 'summary') throw new Error('a summary is not for PagerDuty');
    const events = message.type === 'news' ? await this.#eventsOf(message) : this.#testOf(message);
    let last: Receipt = { response: 'nothing to send' };
    for (const event of events) last = await this.options.target.post(JSON.stringify(event), {}, signal);
    return { response: `${events.length} taken; ${last.response}` };
  }

  async #eventsOf(message: NewsMessage): Promise<object[]> {
    const events: object[] = [];
    for (const item of message.items) {
      const { text, url } = await this.options.words.row(item);
      events.push(this.#event(ACTS[item.kind], keyOf(item), { text, level: levelOf(item) ?? 'medium', url }));
    }
    if (sumOf(message.more) === 0) return events;
    const text = `Beyond what is told one by one: ${countsText(message.more)}.`;
    return [...events, this.#event('trigger', `fleetwall:${message.key}`, { text, level: 'high', url: undefined })];
  }

  /** An incident that is over at once. */
  #testOf(message: TestMessage): object[] {
    const key = `fleetwall:test:${message.key}`;
    const what = { text: this.options.words.ofTest(message).headline, level: 'informational', url: undefined } as const;
    return [this.#event('trigger', key, what), this.#event('resolve', key, what)];
  }

  #event(act: Act, key: string, { text, level, url }: { text: string; level: Level; url: string | undefined }): object {
    const { routingKey, source } = this.options;
    const head = { routing_key: routingKey, event_action: act, dedup_key: key.slice(0, MOST_KEY) };
    if (act !== 'trigger') return head;
    const links = url === undefined ? {} : { links: [{ href: url, text: 'Evidence' }] };
    const payload = {
      summary: text.slice(0, MOST_SUMMARY),
      source,
      severity: SEVERITIES[level],
      component: 'fleetwall',
    };
    return { ...head, payload, client: 'Fleetwall', ...links };
  }
}

function keyOf(news: News): string {
  return 'alertId' in news ? `fleetwall:alert:${news.alertId}` : `fleetwall:block:${news.blockId}:${news.atMs}`;
}
