import { type AlertChange, TOPICS } from '@fleetwall/core';
import { ALLOWLIST } from '@fleetwall/response';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, PASSWORD, type Reply } from './console-site.test-support.js';

const R = '198.51.100.7';
const site = new ConsoleSite();
const cookies: Record<string, string> = {};

async function ask(who: string, method: string, path: string, body?: unknown): Promise<Reply> {
  return site.ask(method, path, { cookie: cookies[who], ...(body === undefined ? {} : { body }) });
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 10_000; !(await what()) && Date.now() < endMs; )
    await new Promise((done) => setTimeout(done, 25));
  expect(await what()).toBe(true);
}

function alertOf(id: string, address: string, more: Partial<AlertChange> = {}): AlertChange {
  const nowMs = Date.now();
  return {
    ...{ id, version: 1, state: 'open', rule: 'slow-grind', ruleId: 'r', title: 'Catch All Login', level: 'high' },
    ...{ tags: [], tenant: 'acme', key: { 'source.ip': address }, evidenceClass: 'handshake', knownGood: false },
    ...{ history: false, threshold: 5, firstMs: nowMs - 120_000, lastMs: nowMs, firedMs: nowMs, count: 5 },
    ...{ hosts: ['web-01'], evidence: [], contributors: [], cleared: [] },
    ...more,
  };
}

async function tell(alert: AlertChange): Promise<void> {
  await site.bus.publish(TOPICS.alerts, [{ key: alert.id, value: Buffer.from(JSON.stringify(alert)) }]);
}

async function blockOf(target: string) {
  const { body } = await ask('anna', 'GET', `/blocks?address=${encodeURIComponent(target)}&scope=fleet`);
  return body.blocks.find((block: { target: string }) => block.target === target);
}

async function denied(target: string) {
  const { body } = await ask('anna', 'GET', '/lists/deny');
  return body.entries.find((entry: { target: string }) => entry.target === target);
}

beforeAll(async () => {
  await site.start();
  for (const [name, role] of [
    ['anna', 'administrator'],
    ['bob', 'analyst'],
    ['vera', 'viewer'],
    ['hugo', 'helpdesk'],
  ] as const) {
    await site.accounts.put(name, { role, password: PASSWORD });
    cookies[name] = await site.cookieOf(name);
  }
}, 60_000);
afterAll(() => site.stop());

describe('the lists', () => {
  it('an entry of the denylist blocks on every host until it is taken off, and says where and by whom', async () => {
    const seen = await ask('bob', 'POST', '/lists/deny/preview', { target: '198.51.100.7/32' });
    expect(seen.body).toMatchObject({ target: R, allowed: true, covers: '1', except: [], blocks: [], coveredBy: [] });
    expect((await ask('bob', 'PUT', `/lists/deny/${R}`, { reason: 'scans for months' })).status).toBe(200);
    await until(async () => (await blockOf(R))?.state === 'active');
    expect(await blockOf(R)).toMatchObject({ isEndless: true, isListed: true, ports: 'all', scope: 'fleet' });
    expect(await denied(R)).toMatchObject({
      ...{ reason: 'scans for months', owner: 'bob', state: 'valid', coveredBy: [], block: { state: 'active' } },
      hits: { count: 0 },
    });
    const lift = await ask('hugo', 'DELETE', `/blocks/${R}`);
    expect(lift).toMatchObject({ status: 422, body: { code: 'DENYLISTED' } });
    expect((await ask('hugo', 'DELETE', `/lists/deny/${R}`)).status).toBe(403);
    expect((await ask('bob', 'DELETE', `/lists/deny/${R}`)).status).toBe(204);
    await until(async () => (await blockOf(R))?.state === 'lifted');
    expect((await ask('bob', 'DELETE', `/lists/deny/${R}`)).status).toBe(404);
  });

  it('a block of the web alone is shown as one, and promoted to all ports', async () => {
    const body = { target: '192.0.2.77', duration: '1h', ports: 'web', comment: 'wp-login' };
    expect((await ask('bob', 'POST', '/blocks', body)).status).toBe(201);
    await until(async () => (await blockOf('192.0.2.77'))?.state === 'active');
    expect(await blockOf('192.0.2.77')).toMatchObject({ ports: 'web', isListed: false, isEndless: false });
    await ask('bob', 'PUT', '/lists/deny/192.0.2.77', { reason: 'for good', duration: '30d' });
    await until(async () => (await blockOf('192.0.2.77'))?.ports === 'all');
    expect(await blockOf('192.0.2.77')).toMatchObject({ isListed: true, isEndless: false });
  });

  it('the allowlist comes first: what it would lift is shown, then lifted, and the denylist says why it does not hold', async () => {
    await ask('bob', 'PUT', '/lists/deny/203.0.113.5', { reason: 'scanner' });
    await ask('bob', 'PUT', '/lists/deny/203.0.113.0%2F24', { reason: 'all of them' });
    await until(async () => (await blockOf('203.0.113.0/24'))?.state === 'active');
    expect(await denied('203.0.113.5')).toMatchObject({ coveredBy: ['203.0.113.0/24'] });
    const { body } = await ask('bob', 'POST', '/lists/allow/preview', { target: '203.0.113.0/29' });
    expect(body).toMatchObject({ liftCount: 1, narrowCount: 1, isComplete: true, coveredBy: [] });
    expect(body.denied.sort()).toEqual(['203.0.113.0/24', '203.0.113.5']);
    expect(body.lifts).toMatchObject([{ target: '203.0.113.5' }]);
    expect(body.narrows).toMatchObject([{ target: '203.0.113.0/24' }]);
    await ask('bob', 'PUT', '/lists/allow/203.0.113.0%2F29', { reason: 'office', duration: '3d', owner: 'carol' });
    await until(async () => (await blockOf('203.0.113.5'))?.state === 'lifted');
    await until(async () => (await blockOf('203.0.113.0/24'))?.except.includes('203.0.113.0/29'));
    expect(await denied('203.0.113.5')).toMatchObject({ refusal: 'on the allowlist (office)' });
    const refused = await ask('bob', 'PUT', '/lists/deny/203.0.113.6', { reason: 'x' });
    expect(refused.body).toMatchObject({ code: 'BLOCK_REFUSED', detail: expect.stringContaining('office') });
    const allowed = await ask('vera', 'GET', '/lists/allow');
    expect(allowed.body.entries).toMatchObject([{ target: '203.0.113.0/29', state: 'ending', owner: 'carol' }]);
    await ask('bob', 'DELETE', '/lists/allow/203.0.113.0%2F29');
    await until(async () => (await blockOf('203.0.113.5'))?.state === 'active');
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['10.0.0.0/8', 'wider'],
    ['fe80::1', 'link-local'],
  ])('the rails refuse %s on the denylist', async (target, why) => {
    const reply = await ask('bob', 'PUT', `/lists/deny/${encodeURIComponent(target)}`, { reason: 'x' });
    expect(reply.body).toMatchObject({ code: 'BLOCK_REFUSED', detail: expect.stringContaining(why) });
  });

  it('an entry that nobody can read fails neither the list nor a preview', async () => {
    await site.registry.put(ALLOWLIST, 'the office', { reason: 'x', owner: 'y', createdMs: 1 });
    expect((await ask('bob', 'POST', '/blocks/preview', { target: '192.0.2.1' })).status).toBe(200);
    expect((await ask('bob', 'POST', '/lists/allow/preview', { target: '192.0.2.1' })).status).toBe(200);
    expect((await ask('bob', 'GET', '/lists/allow')).body.entries).toEqual([]);
    expect((await ask('bob', 'GET', '/addresses/192.0.2.1')).status).toBe(200);
    await site.registry.delete(ALLOWLIST, 'the office');
  });

  it('what was removed is put back as it was, with its own end', async () => {
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString();
    const put = await ask('bob', 'PUT', '/lists/allow/192.0.2.99', { reason: 'office', owner: 'carol', until });
    expect(put.body).toMatchObject({ owner: 'carol', until });
    const past = await ask('bob', 'PUT', '/lists/allow/192.0.2.99', { reason: 'x', until: '2020-01-01T00:00:00.000Z' });
    expect(past).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID' } });
    await ask('bob', 'DELETE', '/lists/allow/192.0.2.99');
  });
});

describe('rules', () => {
  const attempt = `Nov 30 12:00:00 web-01 sshd[1]: Failed password for root from ${R} port 4711 ssh2`;

  it('say what follows, and where they are', async () => {
    const { body } = await ask('vera', 'GET', '/rules');
    const grind = body.rules.find(({ name }: { name: string }) => name === 'slow-grind');
    expect(grind).toMatchObject({
      ...{ mode: 'on', alerts: true, type: 'event_count', threshold: 5, groupBy: ['source.ip'] },
      follows: { name: 'attackers', block: 'source.ip', scope: 'fleet', ports: 'evidence' },
    });
    const whole = await ask('vera', 'GET', '/rules/slow-grind');
    expect(whole.body.file).toEqual({ path: 'rules/logon/slow-grind.yml', line: 1 });
    expect(whole.body.yaml).toContain('title: Catch All Login');
  });

  it('are tried on a pasted line by the real readers: what reads it, what matches, what it counts for', async () => {
    const { body } = await ask('bob', 'POST', '/rules/test', { text: attempt });
    const [piece] = body.pieces;
    expect(piece).toMatchObject({ source: 'sshd', event: { 'source.ip': R, 'user.name': 'root' } });
    expect(piece.matched.map(({ rule }: { rule: string }) => rule)).toEqual(['logon-failure']);
    expect(piece.counted).toContainEqual(
      expect.objectContaining({ rule: 'slow-grind', step: 'count', key: { 'source.ip': R } }),
    );
    const success = piece.missed.find(({ rule }: { rule: string }) => rule === 'logon-success');
    expect(success).toMatchObject({ matches: false, selections: [{ holds: false }] });
    expect(JSON.stringify(success)).toContain('"actual":"\\"failure\\""');
  });

  it('are tried on Windows records, events, and what nobody reads', async () => {
    const xml =
      '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><TimeCreated SystemTime="2026-11-30T12:00:00.000Z"/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>win-01</Computer></System><EventData><Data Name="TargetUserName">anna</Data><Data Name="LogonType">3</Data><Data Name="IpAddress">198.51.100.7</Data><Data Name="SubStatus">0xc000006a</Data></EventData></Event>';
    const windows = await ask('bob', 'POST', '/rules/test', { text: xml });
    expect(windows.body.pieces).toMatchObject([
      { event: { 'host.name': 'win-01' }, matched: [{ rule: 'logon-failure' }] },
    ]);
    const event = {
      event: { category: ['authentication'], outcome: 'failure', type: ['start'] },
      user: { name: 'root' },
      fleetwall: { attempt: { id: '0123456789ab' } },
    };
    const pasted = await ask('bob', 'POST', '/rules/test', {
      text: JSON.stringify(event, undefined, 2),
      rule: 'slow-grind',
    });
    expect(pasted.body.pieces[0].event).toMatchObject({ 'event.outcome': 'failure', 'user.name': 'root' });
    expect(pasted.body.pieces[0].notCounted).toContainEqual({ rule: 'slow-grind', missing: ['source.ip'] });
    const text = 'Nov 30 12:00:00 web-01 unheard-of[1]: hello\nwhat is this\n{"not": "an event"}';
    const none = await ask('bob', 'POST', '/rules/test', { text });
    expect(none.body.pieces).toEqual([
      { text: text.split('\n')[0], unparsed: 'unknown-program', program: 'unheard-of' },
      { text: 'what is this', unparsed: 'no-header' },
      { text: '{"not": "an event"}', unparsed: 'no-header' },
    ]);
    expect((await ask('bob', 'POST', '/rules/test', { text, rule: 'nothing' })).status).toBe(404);
    expect((await ask('bob', 'POST', '/rules/test', { text, zone: 'Nowhere/Land' })).status).toBe(400);
  });

  it('are switched by an administrator alone, at once, and the audit log has what was before', async () => {
    const off = { mode: 'dry-run', comment: 'too loud' };
    expect((await ask('bob', 'PUT', '/rules/slow-grind/mode', off)).status).toBe(403);
    const { body } = await ask('anna', 'PUT', '/rules/slow-grind/mode', off);
    expect(body).toMatchObject({ name: 'slow-grind', mode: 'dry-run', switched: { by: 'anna', comment: 'too loud' } });
    await tell(alertOf('dry', '192.0.2.44'));
    await until(async () => (await blockOf('192.0.2.44'))?.state === 'dry-run');
    await ask('anna', 'PUT', '/rules/slow-grind/mode', { mode: 'on', comment: 'mended' });
    await tell(alertOf('wet', '192.0.2.45'));
    await until(async () => (await blockOf('192.0.2.45'))?.state === 'active');
    const { body: audit } = await ask('anna', 'GET', '/audit?limit=50');
    expect(audit.entries).toContainEqual(
      expect.objectContaining({
        ...{ who: 'anna', what: 'switchRule', about: 'slow-grind', outcome: 'done' },
        before: { mode: 'dry-run' },
        after: { mode: 'on', comment: 'mended' },
      }),
    );
    expect((await ask('anna', 'PUT', '/rules/logon-failure/mode', off)).body).toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('a false positive', () => {
  it('is told what would have prevented it, and how often', async () => {
    await site.decisions.putAlerts([
      ...[1, 2, 3].map((i) => alertOf(`fp${i}`, '192.0.2.200')),
      alertOf('other', '192.0.2.201'),
      alertOf('fast', '192.0.2.200', { rule: 'fast-brute-force' }),
    ]);
    const { body } = await ask('bob', 'GET', '/alerts/fp1/prevention');
    expect(body).toMatchObject({
      ...{ alerts: 3, isAll: true, allow: { target: '192.0.2.200' } },
      tuning: {
        field: 'source.ip',
        changes: [{ rule: 'logon-failure', file: { path: 'rules/logon/logon-failure.yml' } }],
      },
    });
    expect(body.tuning.changes[0].yaml).toMatch(
      /filter_known:\n +source\.ip: "192\.0\.2\.200"\n +condition: \(.+\) and not filter_known\n$/,
    );
  });
});
