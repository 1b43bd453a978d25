import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { messageOf } from '../message.js';
import type { News } from '../news.js';
import { alertNews, blockNews, NOW_MS, wordsOf } from '../news.test-support.js';
import type { NotDelivered } from './channel.js';
import { MailChannel, type SmtpOptions } from './mail-channel.js';
import {
  headersOf,
  localCertificate,
  MailSite,
  partsOf,
  smtpAnswer,
  type TakenMail,
} from './mail-site.test-support.js';

const { cert, key } = localCertificate();
const TO = ['anna@example.org', 'ops@example.org'];
const { signal } = new AbortController();
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function siteOf(options: SMTPServerOptions, judge?: (mail: TakenMail) => void) {
  const site = new MailSite(options, judge);
  const port = await site.start();
  stops.push(() => site.stop());
  return { site, port };
}

function channelOf(smtp: Partial<SmtpOptions> & { port: number }, words = wordsOf()) {
  const summaries = { of: () => Promise.reject(new Error('no summaries here')) };
  const all = {
    host: 'localhost',
    security: 'none',
    from: 'fleetwall@example.net',
    timeoutMs: 2_000,
    ...smtp,
  } as const;
  return new MailChannel({ channel: 'operators', to: TO, smtp: all, words, summaries });
}

const news = (items: News[] = [alertNews('a1')]) =>
  messageOf('operators', { sinceMs: NOW_MS, items, more: {} }, NOW_MS);
const failureOf = (channel: MailChannel) =>
  channel.send(news(), { signal }).then(
    () => {
      throw new Error('it was taken');
    },
    (error: NotDelivered) => ({ message: error.message, retryable: error.retryable }),
  );

describe('mail by SMTP', () => {
  it('goes with TLS begun in the talk, a password, and headers that no program answers', async () => {
    const { site, port } = await siteOf({ key, cert, authOptional: false });
    const auth = { user: 'fleetwall', pass: 'correct horse battery' };
    const receipt = await channelOf({ port, security: 'starttls', ca: cert, auth }).send(news(), { signal });
    expect(receipt.response).toMatch(/^250 .*queued as 1/);
    const [mail] = site.mails as [TakenMail];
    expect(mail).toMatchObject({ from: 'fleetwall@example.net', to: TO, isSecure: true, user: 'fleetwall' });
    const headers = headersOf(mail.raw);
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('list-id')).toBe('<operators.fleetwall.example.net>');
    expect(headers.get('subject')).toBe('[Fleetwall] HIGH Slow grind: 203.0.113.7');
    const [text, html] = partsOf(mail.raw);
    expect(text?.text).toContain('https://fleetwall.example/alerts/a1');
    expect(html?.text).toContain('<a href="https://fleetwall.example/alerts/a1">Evidence</a>');
    expect(mail.raw).not.toContain('correct horse');
  });

  it('begins TLS at once where the options say so', async () => {
    const { site, port } = await siteOf({ key, cert, secure: true });
    await channelOf({ port, security: 'tls', ca: cert }).send(news(), { signal });
    expect(site.mails[0]?.isSecure).toBe(true);
  });

  it('goes nowhere without TLS, with a certificate that nobody signed, or with a wrong password', async () => {
    const plain = await siteOf({});
    expect(await failureOf(channelOf({ port: plain.port, security: 'starttls' }))).toMatchObject({ retryable: true });
    const secure = await siteOf({ key, cert, authOptional: false });
    expect((await failureOf(channelOf({ port: secure.port, security: 'starttls' }))).message).toMatch(/certificate/i);
    const auth = { user: 'fleetwall', pass: 'wrong guess of the day' };
    const refused = await failureOf(channelOf({ port: secure.port, security: 'starttls', ca: cert, auth }));
    expect(refused).toMatchObject({ retryable: true, message: expect.stringContaining('535') });
    expect(refused.message).not.toContain('wrong guess');
    expect([...plain.site.mails, ...secure.site.mails]).toEqual([]);
  });

  it('tells what passes from what does not', async () => {
    let code = 451;
    const { site, port } = await siteOf({}, () => {
      if (code > 0) throw smtpAnswer(code, 'not today');
    });
    const channel = channelOf({ port });
    expect(await failureOf(channel)).toMatchObject({ retryable: true, message: expect.stringContaining('451') });
    code = 554;
    expect(await failureOf(channel)).toMatchObject({ retryable: false, message: expect.stringContaining('554') });
    code = 0;
    await channel.send(news(), { signal });
    expect(site.mails).toHaveLength(1);
    expect(await failureOf(channelOf({ port: 1 }))).toMatchObject({ retryable: true });
  });

  it('names the recipients that are refused, and those that are to be asked later', async () => {
    let isLater = true;
    const { site, port } = await siteOf({
      onRcptTo: ({ address }, _, callback) =>
        callback(address === TO[0] && isLater ? smtpAnswer(450, 'greylisted') : null),
    });
    const receipt = await channelOf({ port }).send(news(), { signal });
    expect(receipt).toMatchObject({ later: [TO[0]] });
    isLater = false;
    await channelOf({ port }).send(news(), { signal, to: receipt.later as string[] });
    expect(site.mails.map(({ to }) => to)).toEqual([[TO[1]], [TO[0]]]);
    const [first, second] = site.mails.map(({ raw }) => headersOf(raw).get('message-id'));
    expect(second).toBe(first);
  });

  it('comes again with the same id when the server dies within DATA', async () => {
    const talk = ['220 hello\r\n', '250 hello\r\n', '250 ok\r\n', '250 ok\r\n', '250 ok\r\n', '354 go on\r\n'];
    const server = createServer((socket: Socket) => {
      let step = 0;
      socket.on('error', () => undefined);
      socket.write(talk[step++] as string);
      socket.on('data', () => (step < talk.length ? socket.write(talk[step++] as string) : socket.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    expect(await failureOf(channelOf({ port, host: '127.0.0.1' }))).toMatchObject({ retryable: true });
    const { site, port: good } = await siteOf({});
    await channelOf({ port: good }).send(news(), { signal });
    await channelOf({ port: good }).send(news(), { signal });
    const ids = site.mails.map(({ raw }) => headersOf(raw).get('message-id'));
    expect(ids).toEqual(['<alert.a1.1.operators@example.net>', '<alert.a1.1.operators@example.net>']);
  });

  it('threads what one alert leads to', async () => {
    const { site, port } = await siteOf({});
    await channelOf({ port }).send(news(), { signal });
    await channelOf({ port }).send(news([alertNews('a1', { version: 9, state: 'over' })]), { signal });
    const headers = site.mails.map(({ raw }) => headersOf(raw));
    expect(new Set(headers.map((one) => one.get('message-id'))).size).toBe(2);
    expect(headers.map((one) => one.get('references'))).toEqual(Array(2).fill('<alert.a1.operators@example.net>'));
  });
});

describe('hostile text in mails', () => {
  it('D05: begins no header, no tag, no link and no other direction', async () => {
    const { site, port } = await siteOf({});
    const title = 'a\r\nBcc: x@evil.example\u202e\u2066<img src=x onerror=alert(1)>';
    const name = 'evil.example/\u001b[2J<script>';
    const key = { 'source.ip': '203.0.113.7\r\nX-Evil: 1', 'user.name': name, 'url.path': 'https://evil.example/' };
    const person = { type: 'person', by: 'anna', comment: '"><a href=https://evil.example>\r\n~! id' } as const;
    const items = [alertNews('a1', { title, key }), blockNews('198.51.100.7', { reasons: [person] })];
    await channelOf({ port }, wordsOf([name])).send(news(items), { signal });
    await channelOf({ port }, wordsOf([name])).send(news(items.slice(0, 1)), { signal });
    for (const { raw, to } of site.mails) {
      expect(to).toEqual(TO);
      const headers = headersOf(raw);
      expect(headers.has('bcc') || headers.has('x-evil')).toBe(false);
      const [text, html] = partsOf(raw) as unknown as [{ text: string }, { text: string }];
      for (const part of [text.text, html.text]) {
        expect(part).not.toMatch(/[\u001b\u202e\u2066]/);
        expect(part).toContain('\\u202e');
        expect(part).not.toMatch(/https?:\/\/evil|\bevil\.example\/|^~/m);
      }
      expect(html.text).not.toMatch(/<(img|script|a href=https)/);
      expect([...html.text.matchAll(/href="([^"]*)"/g)].map(([, url]) => new URL(url as string).host)).toEqual(
        Array([...html.text.matchAll(/<a /g)].length).fill('fleetwall.example'),
      );
    }
  });

  it('names no account that nobody ever logged on to: it may be a password', async () => {
    const { site, port } = await siteOf({});
    const items = [alertNews('a1', { key: { 'user.name': 'S3cret-typed-as-name' } })];
    await channelOf({ port }).send(news(items), { signal });
    const all = partsOf(site.mails[0]?.raw as string).map(({ text }) => text);
    expect(all.join()).not.toContain('S3cret');
    expect(site.mails[0]?.raw).not.toContain('S3cret');
    expect(all[0]).toContain('an account that is not known to exist');
    const shown = ['~0123456789ab', 'oracle'].map((name) => alertNews(name, { key: { 'user.name': name } }));
    await channelOf({ port }).send(news(shown), { signal });
    const second = partsOf(site.mails[1]?.raw as string)[0]?.text;
    expect(second).toContain('masked account ~0123456789ab');
    expect(second).toContain('account oracle');
  });
});
