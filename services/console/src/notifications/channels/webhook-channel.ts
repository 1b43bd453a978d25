import type { Clock } from '@fleetwall/core';
import { iso } from '../../api/iso.js';
import { portsView } from '../../blocks/block-view.js';
import { countsOf, type Message } from '../message.js';
import type { AlertNews, BlockNews, News } from '../news.js';
import type { ToldRow, Words } from '../words.js';
import type { Channel, Receipt, SendOptions } from './channel.js';
import type { HttpTarget } from './http-target.js';
import { SIGNATURE_HEADER, signatureOf } from './signature.js';

export interface WebhookOptions {
  channel: string;
  target: HttpTarget;
  secret: string;
  words: Words;
  clock: Clock;
}

/**
 * JSON for programs, signed:
 *
 *     {"id":"…","type":"news","channel":"siem","at":"2026-11-30T14:02:11.482Z","counts":{"block":2},
 *      "items":[{"kind":"block","id":"…","version":3,"text":"Blocked …","url":"https://…",…}],"isComplete":true}
 *
 * `id` is the same whenever the message is repeated; `counts` also counts what found no place in `items`.
 */
export class WebhookChannel implements Channel {
  constructor(private readonly options: WebhookOptions) {}

  get about(): string {
    return `webhook of ${this.options.target.host}`;
  }

  async send(message: Message, { signal }: SendOptions): Promise<Receipt> {
    const { target, secret, clock } = this.options;
    const body = JSON.stringify(await this.#bodyOf(message));
    const headers = { [SIGNATURE_HEADER]: signatureOf(body, secret, clock()), 'x-fleetwall-id': message.key };
    return target.post(body, headers, signal);
  }

  async #bodyOf(message: Message): Promise<object> {
    const { words, channel } = this.options;
    const head = { id: message.key, type: message.type, channel, at: iso(message.atMs) };
    if (message.type === 'test') return { ...head, text: words.ofTest(message).headline };
    if (message.type === 'summary') return head;
    const items = await Promise.all(message.items.map(async (item) => itemOf(item, await words.row(item))));
    const isComplete = Object.keys(message.more).length === 0;
    return { ...head, counts: countsOf(message), items, isComplete };
  }
}

function itemOf(news: News, { text, url }: ToldRow): object {
  const row = { text, ...(url === undefined ? {} : { url }) };
  return 'alertId' in news ? { ...alertItem(news), ...row } : { ...blockItem(news), ...row };
}

/** The names in the key are for people who may see them: the text has those that are accounts. */
function alertItem({ kind, alertId, version, state, tenant, level, rule, title, group, count, ...rest }: AlertNews) {
  const address = group['source.ip'];
  return {
    ...{ kind, id: alertId, version, state, tenant, level, rule, title },
    ...(address === undefined ? {} : { address }),
    ...{ count, hosts: rest.hosts, hostCount: rest.hostCount, first: iso(rest.firstMs), last: iso(rest.lastMs) },
    ...(rest.by === undefined ? {} : { by: rest.by }),
  };
}

function blockItem({ kind, blockId, version, target, scope, state, atMs, untilMs, offence, ...rest }: BlockNews) {
  const reasons = rest.reasons.map((reason) =>
    reason.type === 'person'
      ? reason
      : { type: reason.type, alert: reason.alertId, rule: reason.rule, count: reason.count, level: reason.level },
  );
  return {
    ...{ kind, id: blockId, version, target, scope, state, at: iso(atMs), until: iso(untilMs), offence },
    ...{ ports: portsView(rest.ports), reasons, hiddenReasons: rest.hiddenReasons },
  };
}
