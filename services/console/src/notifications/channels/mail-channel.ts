import { hostname } from 'node:os';
import nodemailer from 'nodemailer';
import type { SummaryMail, SummaryMails } from '../../reports/summary-mail.js';
import type { Message, NewsMessage } from '../message.js';
import { countOf, type Words } from '../words.js';
import { type Channel, NotDelivered, type Receipt, responseText, type SendOptions } from './channel.js';
import { type MailDocument, mailHtml, mailText } from './mail-document.js';

export interface SmtpOptions {
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  auth?: { user: string; pass: string };
  /** Certificates that sign the server's (PEM). */
  ca?: string;
  from: string;
  /** For each step of the talk. */
  timeoutMs?: number;
}

export interface MailOptions {
  channel: string;
  to: readonly string[];
  smtp: SmtpOptions;
  words: Words;
  summaries: Pick<SummaryMails, 'of'>;
}

const TIMEOUT_MS = 20_000;

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  recipient?: string;
  rejectedErrors?: SmtpError[];
}

/**
 * Mail over SMTP (RFC 5321). One mail to all recipients of the channel; its Message-ID follows from what it tells, so that a
 * repeat is the same mail for whoever compares them.
 */
export class MailChannel implements Channel {
  constructor(private readonly options: MailOptions) {}

  get about(): string {
    const { to, smtp } = this.options;
    return `mail to ${countOf(to.length, 'recipient', 'recipients')} by ${smtp.host}`;
  }

  async send(message: Message, { signal, to = this.options.to }: SendOptions): Promise<Receipt> {
    const { channel, smtp } = this.options;
    const { document, csv } = await this.#contentOf(message);
    const domain = smtp.from.slice(smtp.from.lastIndexOf('@') + 1);
    const ids = idsOf(message, channel);
    const mail = {
      from: { name: 'Fleetwall', address: smtp.from },
      to: this.options.to.map((address) => ({ name: '', address })),
      envelope: { from: smtp.from, to: [...to] },
      subject: `[Fleetwall] ${document.subject}`,
      date: new Date(message.atMs),
      messageId: `<${ids.own}@${domain}>`,
      ...(ids.thread === undefined ? {} : { references: [`<${ids.thread}@${domain}>`] }),
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        'List-Id': `<${channel}.fleetwall.${domain}>`,
      },
      text: mailText(document),
      html: mailHtml(document),
      ...(csv
        ? { attachments: [{ filename: csv.name, content: csv.text, contentType: 'text/csv; charset=utf-8' }] }
        : {}),
    };
    return this.#deliver(mail, signal);
  }

  async #contentOf(message: Message): Promise<{ document: MailDocument; csv?: SummaryMail['csv'] }> {
    const { channel, words, summaries } = this.options;
    const footer = `Channel ${channel} of Fleetwall on ${hostname()}. Sent by a program; answers are not read.`;
    if (message.type === 'summary') {
      const { document, csv } = await summaries.of(message, channel);
      return { document: { ...document, footer }, csv };
    }
    return { document: { ...(await words.of(message)), footer } };
  }

  async #deliver(mail: object, signal: AbortSignal): Promise<Receipt> {
    const transport = nodemailer.createTransport(transportOf(this.options.smtp));
    try {
      const sent = await transport.sendMail({ ...mail, signal });
      const failed = (sent as { rejectedErrors?: SmtpError[] }).rejectedErrors ?? [];
      const later = failed.filter(isPassing).map(({ recipient }) => recipient as string);
      const refused = failed.filter((error) => !isPassing(error)).map(({ recipient }) => recipient as string);
      return {
        response: responseText(sent.response),
        ...(later.length > 0 ? { later } : {}),
        ...(refused.length > 0 ? { refused } : {}),
      };
    } catch (error) {
      throw notDelivered(error as SmtpError, this.options.smtp.host);
    } finally {
      transport.close();
    }
  }
}

function transportOf({ host, port, security, auth, ca, timeoutMs = TIMEOUT_MS }: SmtpOptions) {
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(auth ? { auth } : {}),
    tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Nothing of a message is a path or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * 5xx about the mail or all of its recipients is for good (RFC 5321, 4.2.1). A wrong password, a certificate that nobody signed
 * and a server that knows no TLS are what somebody corrects: until then the mail waits.
 */
function notDelivered(error: SmtpError, host: string): NotDelivered {
  const { code = '', message, responseCode = 0, rejectedErrors = [] } = error;
  const isOfMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const isFinal = isOfMail && responseCode >= 500 && !rejectedErrors.some(isPassing);
  return new NotDelivered(`${host}: ${message}`, !isFinal && code !== 'ECONFIG');
}

function isPassing({ responseCode }: SmtpError): boolean {
  return responseCode === undefined || responseCode < 500;
}

/** All that one alert leads to is a thread; each of its versions has an id of its own. */
function idsOf(message: Message, channel: string): { own: string; thread?: string } {
  const alert = message.type === 'news' ? onlyAlertOf(message) : undefined;
  if (!alert) return { own: `${message.type}.${idText(message.key)}.${channel}` };
  const thread = `alert.${idText(alert.alertId)}.${channel}`;
  return { own: `${alert.kind}.${idText(alert.alertId)}.${alert.version}.${channel}`, thread };
}

function onlyAlertOf({ items, more }: NewsMessage) {
  const [only] = items;
  return items.length === 1 && Object.keys(more).length === 0 && only && 'alertId' in only ? only : undefined;
}

/** What RFC 5322 allows in an id without quotes. */
function idText(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 80);
}
