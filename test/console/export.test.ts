import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetEvent } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { csvRow } from '../../services/console/src/events/csv.js';
import { EventExports } from '../../services/console/src/events/event-export.js';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const EVENTS = 100_000;
const site = new ConsoleSite();
let cookie = '';

beforeAll(async () => {
  await site.start();
  await site.accounts.put('anna', { role: 'viewer', password: PASSWORD });
  await site.accounts.put('bert', { role: 'viewer', tenant: 'other', password: PASSWORD });
  cookie = await site.cookieOf('anna');
  const nowMs = Date.now();
  for (let from = 0; from < EVENTS; from += 10_000) {
    const events = Array.from({ length: 10_000 }, (_, i) => {
      const timeMs = nowMs - 3_600_000 + from + i;
      return failedLogon(`e-${from + i}`, {
        '@timestamp': timeMs,
        ...(from + i === 0 ? { 'user.name': '=1+1', 'organization.id': 'other' } : {}),
      });
    });
    await site.store.bulk(events);
  }
}, 120_000);
afterAll(() => site.stop());

const linesOf = async (path: string) => {
  const response = await fetch(`${site.base}${path}`, { headers: { cookie } });
  let lines = 0;
  let rest = '';
  let last = '';
  let largest = 0;
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    const parts = (rest + Buffer.from(bytes).toString('utf8')).split('\n');
    rest = parts.pop() as string;
    lines += parts.length;
    last = parts.at(-1) ?? last;
    largest = Math.max(largest, bytes.length);
  }
  return { lines, last, largest, response };
};

describe('an export', () => {
  it('of 100,000 events is complete and says so, in pieces', async () => {
    const { lines, last, largest, response } = await linesOf('/events/export?from=now-2h');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="events.ndjson"');
    expect(lines).toBe(EVENTS + 1);
    expect(JSON.parse(last)).toEqual({ 'fleetwall.export': 'complete', events: EVENTS });
    expect(largest).toBeLessThan(1 << 20);
  }, 60_000);

  it('D04: as CSV has no formula in any cell', async () => {
    const { body, headers } = await site.ask('GET', '/events/export?format=csv&query=organization.id:other', {
      cookie,
    });
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, row, end] = body.split('\r\n');
    expect(head).toMatch(/^"'@timestamp","host.name"/);
    expect(row).toContain(`"'=1+1"`);
    expect(end).toBe('"complete","1"');
  });

  it('is of the tenant alone', async () => {
    const { body } = await site.ask('GET', '/events/export', { cookie: await site.cookieOf('bert') });
    expect(body.trim().split('\n')).toHaveLength(2);
    expect(body).toContain('"organization.id":"other"');
  });

  it('of a wrong query is an error, not a file', async () => {
    const reply = await site.ask('GET', '/events/export?query=user.name:%22a', { cookie });
    expect(reply).toMatchObject({ status: 422, body: { code: 'QUERY_INVALID', column: 11 } });
  });

  it('pages find every event once', async () => {
    const seen = new Set<string>();
    let cursor = '';
    for (let pages = 0; pages < 4; pages++) {
      const { body } = await site.ask('GET', `/events?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {
        cookie,
      });
      for (const event of body.events) seen.add(event['event.id']);
      cursor = body.cursor;
    }
    expect(seen.size).toBe(4_000);
    const counted = await site.ask('GET', '/events/histogram?buckets=10', { cookie });
    expect(counted.body.total).toBe(EVENTS);
  });
});

describe('the stream of an export', () => {
  const NONE = () => [];
  const endless = (asked: { count: number }, failsAt = Number.POSITIVE_INFINITY) => ({
    async *[Symbol.asyncIterator](): AsyncGenerator<FleetEvent> {
      for (;;) {
        if (++asked.count > failsAt) throw new Error('the disk is gone');
        yield failedLogon(`e-${asked.count}`);
      }
    },
  });

  it('asks the store for no more than the client takes', async () => {
    const asked = { count: 0 };
    const stream = new EventExports().stream(endless(asked), 'ndjson', NONE);
    await new Promise((resolve) => stream.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked.count).toBeGreaterThan(0);
    expect(asked.count).toBeLessThan(1_000);
    stream.destroy();
  });

  it('says that it failed, and after how many', async () => {
    const stream = new EventExports().stream(endless({ count: 0 }, 5), 'ndjson', NONE);
    const text = Buffer.concat((await stream.toArray()) as Buffer[]).toString();
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines.at(-1) as string)).toEqual({ 'fleetwall.export': 'failed', events: 5, code: 'INTERNAL' });
  });

  it('D11: is one of four at once, and those that are given up count no more', async () => {
    const exports = new EventExports();
    const streams = Array.from({ length: 4 }, () => exports.stream(endless({ count: 0 }), 'ndjson', NONE));
    expect(() => exports.stream(endless({ count: 0 }), 'ndjson', NONE)).toThrow(
      expect.objectContaining({ code: 'EXPORTS_BUSY', status: 429 }),
    );
    const closed = streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)));
    for (const stream of streams) stream.destroy();
    await Promise.all(closed);
    exports.stream(endless({ count: 0 }), 'ndjson', NONE).destroy();
  });
});

describe('D04: a cell of CSV', () => {
  it.each(['=HYPERLINK("https://evil.example")', '+1', '-1', '@A1', '\t=1', '\r=1', ' =1', '\u00a0=1', '＝1'])(
    '%j is text',
    (cell) => expect(csvRow([cell])).toMatch(/^"'/),
  );

  it('a","=1 stays one cell', () => expect(csvRow(['a","=1'])).toBe('"a"",""=1"\r\n'));
  it('what is none is as it was', () =>
    expect(csvRow(['a=1', '198.51.100.7', ''])).toBe('"a=1","198.51.100.7",""\r\n'));
});

describe('a day whose file is damaged', () => {
  const hurt = new ConsoleSite();
  const DAY_MS = 86_400_000;
  const day = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10);

  beforeAll(async () => {
    mkdirSync(join(hurt.directory, 'events'));
    writeFileSync(join(hurt.directory, 'events', `${day}.duckdb`), 'x'.repeat(20_000));
    await hurt.start();
    await hurt.accounts.put('anna', { role: 'administrator', password: PASSWORD });
    await hurt.store.bulk([failedLogon('e-1')]);
  });
  afterAll(() => hurt.stop());

  it('is told of by everything that was to read it, and by an erasure that cannot reach it', async () => {
    const as = { cookie: await hurt.cookieOf('anna') };
    const read = async (path: string) => (await hurt.ask('GET', path, as)).body;
    expect(await read('/events?from=now-3d')).toMatchObject({ events: [{ 'event.id': 'e-1' }], missingDays: [day] });
    expect(await read('/events/histogram?from=now-3d')).toMatchObject({ total: 1, missingDays: [day] });
    expect(await read('/events/histogram?from=now-5m')).toMatchObject({ total: 1, missingDays: [] });
    const [, ndjsonEnd] = (await read('/events/export?from=now-3d')).split('\n');
    expect(JSON.parse(ndjsonEnd)).toEqual({ 'fleetwall.export': 'complete', events: 1, missingDays: [day] });
    expect((await read('/events/export?from=now-3d&format=csv')).trim().split('\r\n').at(-1)).toBe(
      csvRow(['complete', '1', '', day]).trim(),
    );
    const subject = { kind: 'address', value: '203.0.113.7' };
    const { body } = await hurt.ask('POST', '/erasures/preview', { ...as, body: subject });
    expect(body.remains.at(-1).what).toContain(`${day}.duckdb.damaged`);
    expect(hurt.errors.map((error) => (error as { code: string }).code)).toEqual(['EVENT_STORE_DAY_DAMAGED']);
  });
});
