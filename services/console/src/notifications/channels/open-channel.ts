import {
  type ChannelConfig,
  type NotificationsConfig,
  readNeededSecret,
  readOptionFile,
  readSecret,
} from '@fleetwall/config';
import type { Clock } from '@fleetwall/core';
import type { Summaries } from '../../reports/summary.js';
import { SummaryMails } from '../../reports/summary-mail.js';
import type { KnownAccounts } from '../known-accounts.js';
import { Words } from '../words.js';
import type { Channel } from './channel.js';
import { HttpTarget } from './http-target.js';
import { MailChannel, type SmtpOptions } from './mail-channel.js';
import { PagerDutyChannel } from './pagerduty-channel.js';
import { SlackChannel } from './slack-channel.js';
import { TeamsChannel } from './teams-channel.js';
import { WebhookChannel } from './webhook-channel.js';

export interface ChannelParts {
  accounts: Pick<KnownAccounts, 'has'>;
  summaries: Pick<Summaries, 'of'>;
  clock: Clock;
  /** Name of this host: what PagerDuty calls the source. */
  host: string;
}

const ADDRESS = { expected: 'an address like https://host/path', isMet: (text: string) => isUrl(text, /^https:$/) };
const ANY_ADDRESS = { expected: 'an address like http://host/path', isMet: (text: string) => isUrl(text, /^https?:$/) };
const KEY = { expected: 'a key of at least 16 characters', isMet: (text: string) => text.length >= 16 };
const NOT_EMPTY = { expected: 'a key', isMet: (text: string) => /^\S+$/.test(text) };

type HttpConfig = Exclude<ChannelConfig, { type: 'mail' }>;

/** All channels of the configuration, by name; none without one. Throws as {@link openChannel}. */
export function openChannels(
  options: NotificationsConfig | undefined,
  parts: ChannelParts,
): ReadonlyMap<string, Channel> {
  if (!options) return new Map();
  return new Map(options.channels.map((config) => [config.name, openChannel(config, options, parts)]));
}

/** A channel as it is configured; its secrets are read now. Throws SECRET_UNREADABLE and SECRET_INVALID. */
function openChannel(config: ChannelConfig, options: NotificationsConfig, parts: ChannelParts): Channel {
  const consoleUrl = options.consoleUrl?.replace(/\/+$/, '');
  const { name, tenant } = config;
  const zone = config.type === 'mail' ? config.zone : 'UTC';
  const words = new Words({ accounts: parts.accounts, consoleUrl, zone });
  switch (config.type) {
    case 'mail': {
      const summaries = new SummaryMails({ summaries: parts.summaries, consoleUrl, zone, tenant });
      return new MailChannel({ channel: name, to: config.to, smtp: smtpOf(options), words, summaries });
    }
    case 'webhook': {
      const secret = readNeededSecret(optionOf(name, 'secretFile'), config.secret, config.secretFile, KEY);
      return new WebhookChannel({ channel: name, target: targetOf(config), secret, words, clock: parts.clock });
    }
    case 'slack':
      return new SlackChannel(targetOf(config), words);
    case 'teams':
      return new TeamsChannel(targetOf(config), words);
    case 'pagerduty': {
      const { routingKey: written, routingKeyFile } = config;
      const routingKey = readNeededSecret(optionOf(name, 'routingKeyFile'), written, routingKeyFile, NOT_EMPTY);
      return new PagerDutyChannel({ target: targetOf(config), routingKey, words, source: parts.host });
    }
  }
}

function smtpOf({ smtp }: NotificationsConfig): SmtpOptions {
  // A mail channel without it is refused with the options.
  const { host, port, security, username, password, passwordFile, caFile, from } = smtp as NonNullable<typeof smtp>;
  const pass = readSecret('notifications.smtp.passwordFile', password, passwordFile) ?? '';
  return {
    ...{ host, port, security, from },
    ...(username === undefined ? {} : { auth: { user: username, pass } }),
    ...(caFile === undefined ? {} : { ca: readOptionFile('notifications.smtp.caFile', caFile) }),
  };
}

function targetOf(config: HttpConfig): HttpTarget {
  const { name, url, allowHttp, allowPrivate, caFile } = config;
  const file = config.type === 'pagerduty' ? undefined : config.urlFile;
  const form = allowHttp ? ANY_ADDRESS : ADDRESS;
  const address = readNeededSecret(optionOf(name, 'urlFile'), url, file, form);
  const ca = caFile === undefined ? {} : { ca: readOptionFile(optionOf(name, 'caFile'), caFile) };
  return new HttpTarget({ url: address, allowHttp, allowPrivate, ...ca });
}

function optionOf(channel: string, option: string): string {
  return `notifications.channels.${channel}.${option}`;
}

function isUrl(text: string, protocol: RegExp): boolean {
  return URL.canParse(text) && protocol.test(new URL(text).protocol);
}
