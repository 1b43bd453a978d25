import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Message, messageOf } from '../message.js';
import { alertNewsOf, type News } from '../news.js';
import { alertNews, alertOf, blockNews, NOW_MS, wordsOf } from '../news.test-support.js';
import type { NotDelivered } from './channel.js';
import { HttpTarget } from './http-target.js';
import { PagerDutyChannel } from './pagerduty-channel.js';
import { isPublic } from './reach.js';
import { SlackChannel } from './slack-channel.js';
import { TeamsChannel } from './teams-channel.js';
import { WebhookChannel } from './webhook-channel.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever was posted; expectations say what it has to be
type Posted = { path: string; headers: IncomingHttpHeaders; text: string; body: any };

const { signal } = new AbortController();
const SECRET = 'a key of sixteen or more';
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A real server on loopback that keeps what is posted. */
async function receiver(status = 202): Promise<{ posted: Posted[]; target: HttpTarget }> {
  const posted: Posted[] = [];
  const port = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      posted.push({ path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) });
      response.writeHead(status).end('ok');
    });
  });
  return { posted, target: targetOf(`http://127.0.0.1:${port}/hook`) };
}

function targetOf(url: string, more: { allowHttp?: boolean; allowPrivate?: boolean } = {}): HttpTarget {
  return new HttpTarget({ url, allowHttp: true, allowPrivate: true, timeoutMs: 500, ...more });
}

const news = (items: News[], more = {}) => messageOf('x', { sinceMs: NOW_MS, items, more }, NOW_MS);
const test: Message = { type: 'test', key: 'k', atMs: NOW_MS, by: 'anna' };

function failureOf(target: HttpTarget): Promise<{ message: string; retryable: boolean; pauseMs: number | undefined }> {
  return target.post('{}', {}, signal).then(
    () => {
      throw new Error('it was taken');
    },
    ({ message, retryable, pauseMs }: NotDelivered) => ({ message, retryable, pauseMs }),
  );
}

describe('webhooks', () => {
  it('are signed with the time, and say the same id when they are repeated', async () => {
    const { posted, target } = await receiver();
    const options = { channel: 'siem', target, secret: SECRET, words: wordsOf(), clock: () => NOW_MS + 999 };
    const message = news([alertNews('a1', { key: { 'user.name': 'typed-secret' } }), blockNews('198.51.100.7')]);
    for (let i = 0; i < 2; i++) await new WebhookChannel(options).send(message, { signal });
    const [first, second] = posted as [Posted, Posted];
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(first.headers['x-fleetwall-signature'] as string) ?? [];
    expect(Number(seconds)).toBe(NOW_MS / 1_000);
    expect(hex).toBe(createHmac('sha256', SECRET).update(`${seconds}.${first.text}`).digest('hex'));
    expect(second.body.id).toBe(first.body.id);
    expect(first.body).toMatchObject({
      ...{ type: 'news', channel: 'siem', counts: { alert: 1, block: 1 }, isComplete: true },
      items: [
        { kind: 'alert', id: 'a1', level: 'high', tenant: 'acme', url: 'https://fleetwall.example/alerts/a1' },
        { kind: 'block', target: '198.51.100.7', state: 'active', reasons: [{ alert: 'a1', rule: 'slow-grind' }] },
      ],
    });
    expect(first.text).not.toContain('typed-secret');
  });

  it('count what found no place', async () => {
    const { posted, target } = await receiver();
    const options = { channel: 'siem', target, secret: SECRET, words: wordsOf(), clock: () => NOW_MS };
    await new WebhookChannel(options).send(news([blockNews('198.51.100.7')], { block: 49_999 }), { signal });
    expect(posted[0]?.body).toMatchObject({ counts: { block: 50_000 }, isComplete: false });
  });
});

describe('chats', () => {
  const hostile = alertNews('a1', {
    title: '<!channel> <https://evil.example|x> *bold* [x](https://evil.example)\u202e',
  });

  it('get blocks of Slack that no text can get out of', async () => {
    const { posted, target } = await receiver(200);
    await new SlackChannel(target, wordsOf()).send(news([hostile, blockNews('198.51.100.7')]), { signal });
    const { text, parse, blocks } = posted[0]?.body ?? {};
    expect({ text, parse }).toEqual({ text: 'Fleetwall: 1 alert, 1 block', parse: 'none' });
    expect(blocks.map(({ type }: { type: string }) => type)).toEqual(['header', 'section', 'section']);
    for (const block of blocks) expect(block.text).toMatchObject({ type: 'plain_text', emoji: false });
    expect(blocks[1].text.text).toContain('\\u202e');
    expect(blocks[1].accessory).toMatchObject({ type: 'button', url: 'https://fleetwall.example/alerts/a1' });
    await new SlackChannel(target, wordsOf()).send(news([hostile]), { signal });
    expect(posted[1]?.body.text).toContain('&lt;!channel&gt;');
    await new SlackChannel(target, wordsOf()).send(test, { signal });
    expect(posted[2]?.body.blocks[1].text.text).toContain('Nothing happened');
  });

  it('get an Adaptive Card of Teams whose text knows no Markdown', async () => {
    const { posted, target } = await receiver();
    await new TeamsChannel(target, wordsOf()).send(news([hostile], { block: 3 }), { signal });
    const { type, attachments } = posted[0]?.body ?? {};
    expect(type).toBe('message');
    expect(attachments[0]).toMatchObject({ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null });
    const { body, ...card } = attachments[0].content;
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    expect(body.map((item: { type: string }) => item.type)).toEqual([
      ...['RichTextBlock', 'RichTextBlock', 'ActionSet', 'RichTextBlock'],
    ]);
    for (const item of body) for (const run of item.inlines ?? []) expect(run.type).toBe('TextRun');
    expect(body[2].actions).toEqual([
      { type: 'Action.OpenUrl', title: 'Evidence', url: 'https://fleetwall.example/alerts/a1' },
    ]);
  });
});

describe('PagerDuty', () => {
  it('gets one incident an alert, acknowledged and resolved by the same key', async () => {
    const { posted, target } = await receiver();
    const channel = new PagerDutyChannel({ target, routingKey: 'R', words: wordsOf(), source: 'centre-01' });
    const opened = alertOf('a1', { level: 'critical' });
    const handled = { ...alertNewsOf('alert-acknowledged', opened), by: 'anna' };
    const over = alertNewsOf('alert-ended', { ...opened, version: 2, state: 'over' });
    await channel.send(news([alertNewsOf('alert', opened), handled, over], { alert: 7 }), { signal });
    const events = posted.map(({ body }) => body);
    expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge', 'resolve', 'trigger']);
    const key = 'fleetwall:alert:a1';
    expect(events.slice(0, 3).map(({ dedup_key }) => dedup_key)).toEqual([key, key, key]);
    expect(events[0]).toMatchObject({
      ...{ routing_key: 'R', client: 'Fleetwall', links: [{ href: 'https://fleetwall.example/alerts/a1' }] },
      payload: { source: 'centre-01', severity: 'critical', component: 'fleetwall' },
    });
    expect(events[1]).toEqual({ routing_key: 'R', event_action: 'acknowledge', dedup_key: key });
    expect(events[3].payload.summary).toBe('Beyond what is told one by one: 7 alerts.');
    await channel.send(test, { signal });
    expect(posted.slice(4).map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve']);
  });
});

describe('where messages may go', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.31.0.1', '192.168.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
    ...['2002:7f00:1::', '2001::1', 'fe80::1%eth0', 'localhost', ''],
    ...['192.0.2.1', '198.51.100.7', '203.0.113.7', '2001:db8::1', '2001:2::1'],
  ])('%s is not on the internet', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])('%s is', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::1]', '[::ffff:7f00:1]', '[::ffff:127.0.0.1]'])(
    'nothing is sent to %s unless the options allow it',
    async (host) => {
      let asked = 0;
      const port = await serve((_, response) => {
        asked++;
        response.end();
      });
      const failed = await failureOf(targetOf(`http://${host}:${port}/`, { allowPrivate: false }));
      expect(failed).toMatchObject({ retryable: false, message: expect.stringContaining('private or special') });
      expect(asked).toBe(0);
    },
  );

  it('nothing is sent without TLS unless the options allow it, and no path of a webhook is told', async () => {
    const failed = await failureOf(targetOf('http://hooks.example/T0/B0/secret', { allowHttp: false }));
    expect(failed).toMatchObject({ retryable: false, message: expect.stringContaining('allowHttp') });
    expect(failed.message).not.toContain('secret');
  });

  it('D06: no redirect is followed', async () => {
    const { posted } = await receiver();
    const port = await serve((_, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/inside' }).end();
    });
    expect(await failureOf(targetOf(`http://127.0.0.1:${port}/`))).toMatchObject({ retryable: false });
    expect(posted).toEqual([]);
  });

  it.each([
    [500, true],
    [429, true],
    [408, true],
    [400, false],
    [410, false],
  ])('status %i: again %s', async (status, retryable) => {
    const port = await serve((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('a reason'));
    const failed = await failureOf(targetOf(`http://127.0.0.1:${port}/`));
    expect(failed).toMatchObject({
      retryable,
      pauseMs: 7_000,
      message: expect.stringContaining(`HTTP ${status} a reason`),
    });
  });

  it('waits for no answer that does not come, and reads no answer that does not end', async () => {
    const silent = await serve(() => undefined);
    expect(await failureOf(targetOf(`http://127.0.0.1:${silent}/`))).toMatchObject({
      ...{ retryable: true, message: expect.stringContaining('no answer in time') },
    });
    let written = 0;
    const endless = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    const receipt = await targetOf(`http://127.0.0.1:${endless}/`).post('{}', {}, signal);
    expect(receipt.response.length).toBeLessThan(400);
    expect(written).toBeLessThan(64 << 20);
  });
});
