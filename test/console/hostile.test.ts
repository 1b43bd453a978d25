import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChainedAct, hashOfAct } from '../../services/console/src/audit/audit-log.js';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const site = new ConsoleSite();
let cookie = '';

beforeAll(async () => {
  const web = join(site.directory, 'web');
  mkdirSync(join(web, 'assets'), { recursive: true });
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>Fleetwall</title>');
  writeFileSync(join(web, 'assets/app-1a2b.js'), 'export {};');
  writeFileSync(join(site.directory, 'secret.txt'), 'not for the web');
  await site.start();
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  cookie = await site.cookieOf('anna');
}, 60_000);
afterAll(() => site.stop());

const body = { target: '198.51.100.7', scope: 'fleet', duration: '1h' };
const preview = (headers: Record<string, string | undefined>, sent: unknown = body) =>
  site.ask('POST', '/blocks/preview', { cookie, body: sent, headers });

describe('D09: requests from elsewhere', () => {
  it.each([
    ['without the header', { 'x-fleetwall': undefined }],
    ['from another site', { origin: 'https://evil.example' }],
    ['from a sandbox', { origin: 'null' }],
    ['from another port', { origin: 'http://127.0.0.1:1' }],
    ['as a form posts it', { 'x-fleetwall': undefined, 'content-type': 'text/plain', origin: 'https://evil.example' }],
  ])('%s: 403', async (_, headers) => {
    expect(await preview(headers)).toMatchObject({ status: 403, body: { code: 'FOREIGN_SITE' } });
  });

  it('from the console itself: done', async () => {
    expect((await preview({ origin: site.origin })).status).toBe(200);
  });

  it('signing in is no exception', async () => {
    const sent = { name: 'anna', password: PASSWORD };
    const reply = await site.ask('POST', '/session', { body: sent, headers: { 'x-fleetwall': undefined } });
    expect(reply.status).toBe(403);
    expect(reply.headers.get('set-cookie')).toBeNull();
  });
});

describe('D07: odd content types', () => {
  it.each([
    'application/json garbage',
    'Application/JSON ;',
    '\t',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-7',
  ])('%j: 415', async (type) => {
    const { status } = await preview({ 'content-type': type });
    expect([type, status]).toEqual([type, 415]);
  });

  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8'])('%j: as ever', async (type) => {
    expect((await preview({ 'content-type': type })).status).toBe(200);
  });

  it.each([
    '{"__proto__":{"scope":"fleet"},"target":"198.51.100.7"}',
    '{"constructor":{"prototype":{"x":1}},"target":"198.51.100.7"}',
    '{"target":',
    '[]',
    'null',
    '7',
  ])('%s: refused', async (text) => {
    expect((await preview({}, text)).status).toBe(400);
    expect(({} as { scope?: string }).scope).toBeUndefined();
  });

  it('a body beyond 64 KiB: 413', async () => {
    const reply = await preview({}, { ...body, target: 'x'.repeat(70_000) });
    expect(reply).toMatchObject({ status: 413, body: { status: 413 } });
  });
});

describe('D02, D03: hostile queries', () => {
  const search = (query: string) => site.ask('GET', `/events?query=${encodeURIComponent(query)}`, { cookie });

  it.each([
    ['1,000 parentheses', `${'('.repeat(1_000)}a${')'.repeat(1_000)}`, 2_001],
    ['an open quote', 'user.name:"a', 11],
    ['501 conditions', Array.from({ length: 501 }, () => 'a:b').join(' OR '), 3_503],
    ['a regular expression', 'user.name:/.{10000,}/', 11],
  ])('%s: an error with the column', async (_, query, column) => {
    const reply = await search(query);
    expect(reply).toMatchObject({ status: 422, body: { code: 'QUERY_INVALID', column, hint: expect.any(String) } });
  });

  it.each([
    'a"}}],"must_not":[',
    "x' OR 1=1 --",
    '__proto__:x',
    'constructor:*',
    'f:"\\\\"',
    "'; DROP TABLE events; --",
  ])('%j: literal, or a syntax error', async (query) => {
    const reply = await search(query);
    expect([200, 422]).toContain(reply.status);
    if (reply.status === 200) expect(reply.body.events).toEqual([]);
  });

  it.each(['query', 'order', 'cursor'])('%s as a list: refused', async (name) => {
    expect((await site.ask('GET', `/events?${name}=a&${name}=b`, { cookie })).status).toBe(400);
  });
});

describe('D11: limits', () => {
  it.each([
    '/events?limit=1000000000',
    '/events?limit=-1',
    '/events?limit=0',
    '/events?limit=1e3x',
    '/events?limit=NaN',
    '/alerts?limit=100000',
    '/blocks?limit=0',
    '/audit?limit=1e9',
    '/events/histogram?buckets=1000000',
    '/events/top?field=a&limit=9999',
    '/events?from=yesterday',
    '/events?from=now&to=now-1d',
    '/events?unknown=1',
    '/audit?cursor=x',
    '/events/top?field=a%20b',
  ])('%s: 400', async (path) => {
    expect(await site.ask('GET', path, { cookie })).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID' } });
  });

  it.each(['/events', '/alerts', '/blocks'])('%s with a forged cursor: refused', async (path) => {
    for (const forged of [
      'x',
      'AAAA',
      Buffer.from('[1e999,"x"]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      const { status } = await site.ask('GET', `${path}?cursor=${forged}`, { cookie });
      expect([forged, status]).toEqual([forged, 422]);
    }
  });
});

describe('D12: paths', () => {
  const pages = ['/', '/alerts/abc', '/setup'];
  it.each(pages)('%s is the page', async (path) => {
    const reply = await site.ask('GET', `${site.origin}${path}`);
    expect(reply.headers.get('content-type')).toMatch(/^text\/html/);
    expect(reply.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(reply.headers.get('content-security-policy')).not.toMatch(/unsafe|nonce|data:|\*/);
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('what has a hash in its name is kept', async () => {
    const reply = await site.ask('GET', `${site.origin}/assets/app-1a2b.js`);
    expect([reply.body, reply.headers.get('cache-control')]).toEqual([
      'export {};',
      expect.stringContaining('immutable'),
    ]);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%252fsecret.txt',
    '/secret.txt%00.html',
    '/assets/none.js',
    '/%zz',
    '/api',
    '/api/v1/none',
    '/api/v2/events',
    '/control/v1/none',
    '/health/none',
  ])('%s: nothing', async (path) => {
    const { status, text } = await raw(path);
    expect(text).not.toMatch(/not for the web|root:/);
    expect([path, status === 404 || status === 400]).toEqual([path, true]);
  });

  it('what is under /api answers as the API', async () => {
    expect(await site.ask('GET', '/none')).toMatchObject({ status: 404, body: { status: 404, code: 'NOT_FOUND' } });
    const { headers } = await site.ask('GET', '/me');
    expect(headers.get('content-type')).toMatch('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('the audit log', () => {
  it('is a chain: each record has the hash of the one before', async () => {
    for (const target of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      await site.ask('PUT', `/lists/allow/${target}`, { cookie, body: { reason: 'office' } });
    const { body: page } = await site.ask('GET', '/audit?limit=3', { cookie });
    expect(page.entries.map(({ about }: { about: string }) => about)).toEqual(['192.0.2.3', '192.0.2.2', '192.0.2.1']);
    expect(page.entries[0]).toMatchObject({
      who: 'anna',
      what: 'allow',
      outcome: 'done',
      after: { reason: 'office', owner: 'anna' },
    });
    const records: ({ type: string } & ChainedAct)[] = [];
    const follower = await site.bus.follow({
      topic: 'fleetwall.audit',
      onRecord: ({ value }) => void records.push(JSON.parse(`${value}`)),
    });
    await follower.caughtUp;
    await follower.stop();
    const acts = records.filter(({ type }) => type === 'act');
    expect(acts.length).toBeGreaterThanOrEqual(3);
    let previous = '0'.repeat(64);
    for (const { hash, previous: told, ...act } of acts) {
      expect(told).toBe(previous);
      expect(hashOfAct(told, act)).toBe(hash);
      previous = hash;
    }
    const { body: older } = await site.ask('GET', `/audit?limit=3&cursor=${page.cursor}`, { cookie });
    expect(
      older.entries.every(({ hash }: { hash: string }) =>
        page.entries.every((one: { hash: string }) => one.hash !== hash),
      ),
    ).toBe(true);
  });
});

describe('people and alerts', () => {
  it('of two who change an alert at once, the one who read it before is told', async () => {
    await site.store.bulk([failedLogon('e-1')]);
    const nowMs = Date.now();
    await site.decisions.putAlerts([
      {
        ...{
          id: 'a-1',
          version: 1,
          state: 'open',
          rule: 'r',
          ruleId: 'r',
          title: 'T',
          level: 'high',
          tags: [],
          tenant: 'acme',
        },
        ...{
          key: { 'source.ip': '203.0.113.7' },
          evidenceClass: 'handshake',
          knownGood: false,
          history: false,
          threshold: 1,
        },
        ...{ firstMs: nowMs - 90_000, lastMs: nowMs - 30_000, firedMs: nowMs - 30_000, count: 1, hosts: ['web-01'] },
        evidence: [{ attemptId: 'e-1', timeMs: nowMs - 60_000, host: 'web-01' }],
        ...{ contributors: [], cleared: [] },
      },
    ]);
    const read = await site.ask('GET', '/alerts/a-1', { cookie });
    expect(read.body.evidence).toMatchObject([{ attemptId: 'e-1', events: [{ 'event.id': 'e-1' }] }]);
    const etag = read.headers.get('etag') as string;
    const close = (status: string, more = {}) =>
      site.ask('PATCH', '/alerts/a-1', { cookie, headers: { 'if-match': etag }, body: { status, ...more } });
    expect((await close('closed', { verdict: 'false-positive', assignee: 'anna' })).body).toMatchObject({
      status: 'closed',
      verdict: 'false-positive',
      assignee: 'anna',
    });
    expect(await close('acknowledged')).toMatchObject({ status: 412, body: { code: 'CHANGED_MEANWHILE' } });
    const comments = await Promise.all(
      ['one', 'two', 'three'].map((text) => site.ask('POST', '/alerts/a-1/comments', { cookie, body: { text } })),
    );
    expect(comments.map(({ status }) => status)).toEqual([201, 201, 201]);
    const after = await site.ask('GET', '/alerts/a-1', { cookie });
    expect(after.body.thread.map(({ text }: { text: string }) => text).sort()).toEqual(['one', 'three', 'two']);
    expect((await site.ask('GET', '/alerts?status=open', { cookie })).body.alerts).toEqual([]);
    expect((await site.ask('GET', '/alerts?status=closed', { cookie })).body.alerts).toHaveLength(1);
  });

  it('a block by hand is decided, shown, and lifted again', async () => {
    const made = await site.ask('POST', '/blocks', { cookie, body: { ...body, comment: 'scanner' } });
    expect(made).toMatchObject({ status: 201, body: { target: '198.51.100.7', scope: 'fleet' } });
    const refused = await site.ask('POST', '/blocks', {
      cookie,
      body: { ...body, target: '127.0.0.0/24', comment: 'x' },
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'BLOCK_REFUSED' } });
    const told = await preview({}, { ...body, target: '127.0.0.0/24' });
    expect(told.body).toMatchObject({ allowed: false, reason: 'loopback' });
    await site.ask('PUT', '/lists/allow/203.0.113.10', { cookie, body: { reason: 'office' } });
    expect((await preview({}, { ...body, target: '203.0.113.0/24' })).body).toMatchObject({
      allowed: true,
      except: ['203.0.113.10'],
      covers: '256',
    });
    expect((await site.ask('DELETE', '/blocks/198.51.100.7?comment=mistake', { cookie })).body).toEqual({
      target: '198.51.100.7',
    });
    const again = await site.ask('DELETE', '/blocks/198.51.100.7', { cookie });
    expect(again).toMatchObject({ status: 422, body: { code: 'NOT_BLOCKED' } });
  });
});

/** Sends a path as it is: `fetch` would tidy it up. */
function raw(path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(site.origin, { path }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}
