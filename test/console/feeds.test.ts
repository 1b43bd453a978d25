import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block, BlockScope, Enforcement } from '@fleetwall/core';
import { TOPICS } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, failedLogon } from './console-site.test-support.js';

/** CrowdSec's own program, as Debian packs it; it runs a script for every decision. */
const BOUNCER = process.env.FLEETWALL_TEST_BOUNCER ?? '/usr/bin/crowdsec-custom-bouncer';
const itWithBouncer = existsSync(BOUNCER) ? it : it.skip;

/** Of 203.0.113.0/29 without 203.0.113.1. */
const PIECES = ['203.0.113.0', '203.0.113.2/31', '203.0.113.4/30'];
const FLEET = { type: 'fleet' } as const;
const site = new ConsoleSite();
const keys = new Map<string, string>();
let version = 0;

beforeAll(async () => {
  await site.start();
  await site.store.bulk([failedLogon('a'), failedLogon('b', { 'host.name': 'db-09', 'organization.id': 'other' })]);
  const make = async (name: string, web: boolean, tenant?: string) => {
    const scopes = ['decisions:read' as const, ...(web ? ['decisions:web' as const] : [])];
    keys.set(name, (await site.tokens.create({ name, scopes, tenant, days: 1 }, 'anna')).secret);
  };
  await make('edge', false);
  await make('proxy', true);
  await make('acme', false, 'acme');
}, 60_000);
afterAll(() => site.stop());

function block(target: string, scope: BlockScope = FLEET, more: Partial<Block> = {}): Promise<void> {
  const nowMs = Date.now();
  const reasons = [{ type: 'person' as const, by: 'anna', comment: 'a secret reason' }];
  return site.putBlock({
    ...{ id: `block-${target}`, version: ++version, term: 1, target, scope, state: 'active', reasons },
    ...{ atMs: nowMs - 1_000, untilMs: nowMs + 3_600_000, offence: 1, forgetBeforeMs: 0 },
    ...{ cutSessions: false, except: [], history: [] },
    ...more,
  });
}

function lift(target: string, scope: BlockScope = FLEET): Promise<void> {
  const untilMs = Date.now();
  const history = [{ atMs: untilMs - 1_000, untilMs, state: 'lifted' as const }];
  return block(target, scope, { state: 'lifted', untilMs, history });
}

async function arm(host: string, armed: boolean): Promise<void> {
  const told: Enforcement = { host, armed, firewall: 'nftables', revision: 0, inForce: 0, exceptions: [], atMs: 1 };
  await site.bus.publish(TOPICS.enforcement, [{ key: host, value: Buffer.from(JSON.stringify(told)) }]);
}

/** As a bouncer asks: under the root of CrowdSec's API, by its header. */
function ask(key: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const own = { 'x-api-key': keys.get(key) ?? key, 'user-agent': 'a-bouncer/v1', 'x-fleetwall': undefined };
  return site.ask(method, `${site.origin}/v1${path}`, { headers: { ...own, ...headers } });
}

const valuesOf = (decisions: { value: string }[] | null) => decisions?.map(({ value }) => value).sort() ?? null;

/** Polls until the list is so: what was published reaches the board a moment later. */
async function listed(key: string, lines: string[], query = ''): Promise<void> {
  const wanted = lines.map((line) => `${line}\n`).join('');
  let text = '';
  for (let i = 0; i < 60 && (i === 0 || text !== wanted); i++) {
    text = (await ask(key, `/blocklist.txt${query}`)).body;
    if (text !== wanted) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(text).toBe(wanted);
}

/** Polls until a value is said to be over. */
async function told(key: string, value: string) {
  for (let i = 0; i < 60; i++) {
    const { body } = await ask(key, '/decisions/stream');
    if (valuesOf(body.deleted)?.includes(value)) return body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nobody says that ${value} is over`);
}

describe('decisions for bouncers', () => {
  it('are none while every host only reports, and null where there are none', async () => {
    await block('198.51.100.7');
    await arm('web-01', false);
    await listed('edge', []);
    const { status, body } = await ask('edge', '/decisions/stream?startup=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ new: null, deleted: [{ value: '198.51.100.7' }] });
    expect((await ask('edge', '/decisions?ip=198.51.100.7')).body).toBeNull();
    await arm('web-01', true);
    await listed('edge', ['198.51.100.7']);
    expect(valuesOf((await ask('edge', '/decisions/stream')).body.new)).toEqual(['198.51.100.7']);
  });

  it('are of the whole fleet, or what holds on the hosts of the tenant of the key', async () => {
    await block('192.0.2.1', { type: 'tenant', id: 'acme' });
    await block('192.0.2.2', { type: 'host', id: 'web-01' });
    await block('192.0.2.3', { type: 'host', id: 'db-09' });
    await block('192.0.2.4', FLEET, { state: 'dry-run' });
    await block('192.0.2.5', FLEET, { state: 'held', atMs: Date.now() + 60_000 });
    await block('2001:db8:1:2::/64');
    await listed('acme', ['192.0.2.1', '192.0.2.2', '198.51.100.7', '2001:db8:1:2::/64']);
    await listed('edge', ['198.51.100.7', '2001:db8:1:2::/64']);
    await listed('edge', ['2001:db8:1:2::/64'], '?family=6');
    const { body } = await ask('acme', '/decisions/stream?startup=true&scopes=range');
    expect(body.new).toEqual([
      {
        ...{ id: expect.any(Number), origin: 'fleetwall', scenario: 'fleetwall/manual', scope: 'Range', type: 'ban' },
        ...{ value: '2001:db8:1:2::/64', duration: expect.stringMatching(/^59m\d\ds$|^1h0m0s$/) },
      },
    ]);
  });

  it('of web ports only are for keys of what stands before web applications', async () => {
    await block('203.0.113.80', FLEET, { ports: 'web' });
    await listed('edge', ['198.51.100.7', '203.0.113.80', '2001:db8:1:2::/64'], '?scope=web');
    await listed('edge', ['198.51.100.7', '2001:db8:1:2::/64']);
    expect((await ask('edge', '/decisions?ip=203.0.113.80')).body).toBeNull();
    expect((await ask('proxy', '/decisions?ip=203.0.113.80')).body).toHaveLength(1);
    expect(valuesOf((await ask('proxy', '/decisions/stream?startup=true')).body.new)).toContain('203.0.113.80');
  });

  it('go around what is allowed, at once', async () => {
    await block('203.0.113.0/29', FLEET, { except: ['203.0.113.1'] });
    await listed('edge', ['198.51.100.7', ...PIECES, '2001:db8:1:2::/64']);
    await ask('edge', '/decisions/stream?startup=true');
    const entry = { reason: 'office', owner: 'anna', createdMs: Date.now() };
    await site.registry.put('allowlist', '203.0.113.4', entry);
    await listed('edge', ['198.51.100.7', ...PIECES.slice(0, 2), '203.0.113.5', '203.0.113.6/31', '2001:db8:1:2::/64']);
    const { body } = await ask('edge', '/decisions/stream');
    expect(valuesOf(body.new)).toEqual(expect.arrayContaining(['203.0.113.5', '203.0.113.6/31']));
    expect(valuesOf(body.deleted)).toContain('203.0.113.4/30');
    await site.registry.delete('allowlist', '203.0.113.4');
  });

  it('go on where an entry of the allowlist cannot be read, and around the /64 of an IPv6 address', async () => {
    const entry = { reason: 'office', owner: 'anna', createdMs: Date.now() };
    await site.registry.put('allowlist', 'the office', entry);
    await site.registry.put('allowlist', '2001:db8:1:2::9', entry);
    await listed('edge', ['198.51.100.7', ...PIECES]);
    await site.registry.delete('allowlist', 'the office');
    await site.registry.delete('allowlist', '2001:db8:1:2::9');
    await listed('edge', ['198.51.100.7', ...PIECES, '2001:db8:1:2::/64']);
  });

  it('that are lifted are deleted, and nothing else is: not the network around them, not another block of the same', async () => {
    await block('198.51.100.0/28');
    await block('198.51.100.20');
    await block('198.51.100.20', { type: 'tenant', id: 'acme' });
    await listed('acme', [
      '192.0.2.1',
      '192.0.2.2',
      '198.51.100.0/28',
      '198.51.100.20',
      ...PIECES,
      '2001:db8:1:2::/64',
    ]);
    await ask('acme', '/decisions/stream?startup=true');
    await ask('edge', '/decisions/stream?startup=true');
    await lift('198.51.100.7');
    await lift('198.51.100.20');
    await listed('edge', ['198.51.100.0/28', ...PIECES, '2001:db8:1:2::/64']);
    for (let i = 0; i < 2; i++) {
      const { body } = await ask('edge', '/decisions/stream?startup=false');
      expect(valuesOf(body.deleted)).toEqual(expect.arrayContaining(['198.51.100.20', '198.51.100.7']));
      expect(valuesOf(body.deleted)).not.toContain('198.51.100.0/28');
    }
    const body = await told('acme', '198.51.100.7');
    expect(valuesOf(body.deleted)).not.toContain('198.51.100.20');
    expect(valuesOf(body.new)).toContain('198.51.100.20');
  });

  it('say nothing of reasons', async () => {
    expect(JSON.stringify((await ask('edge', '/decisions/stream?startup=true')).body)).not.toContain('secret');
  });

  it('answer HEAD without counting it as told', async () => {
    await block('198.51.100.30');
    await listed('edge', ['198.51.100.0/28', '198.51.100.30', ...PIECES, '2001:db8:1:2::/64']);
    const before = await site.registry.list('decision-pulls');
    expect(await ask('edge', '/decisions/stream', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect(await ask('edge', '/decisions?ip=192.0.2.9', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect(await site.registry.list('decision-pulls')).toEqual(before);
    await lift('198.51.100.30');
    await listed('edge', ['198.51.100.0/28', ...PIECES, '2001:db8:1:2::/64']);
  });
});

describe('who may', () => {
  it('is told with a message, since some bouncers end without one', async () => {
    const refused = await ask('fw_forged', '/decisions/stream');
    expect(refused).toMatchObject({ status: 401, body: { code: 'SIGNED_OUT', message: expect.any(String) } });
    expect(await ask('edge', '/decisions?ip=host.example')).toMatchObject({
      status: 422,
      body: { code: 'ADDRESS_INVALID' },
    });
    expect(await ask('edge', '/nothing')).toMatchObject({ status: 404, body: { message: expect.any(String) } });
  });

  it('may send the key as a password or a bearer, and only for this', async () => {
    const secret = keys.get('edge') as string;
    const basic = `Basic ${Buffer.from(`anybody:${secret}`).toString('base64')}`;
    for (const authorization of [basic, `Bearer ${secret}`]) {
      const headers = { authorization, 'x-fleetwall': undefined };
      expect((await site.ask('GET', `${site.origin}/v1/blocklist.txt`, { headers })).status).toBe(200);
      expect((await site.ask('GET', '/blocklist.txt', { headers })).status).toBe(200);
    }
    expect((await site.ask('GET', '/blocks', { headers: { authorization: basic } })).status).toBe(401);
    expect((await site.ask('GET', '/blocks', { headers: { 'x-api-key': secret } })).status).toBe(401);
  });

  it('is told once of a list that stays the same', async () => {
    const first = await ask('edge', '/blocklist.txt');
    const etag = first.headers.get('etag') as string;
    expect(first.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await ask('edge', '/blocklist.txt', { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
    expect((await ask('edge', '/blocklist.txt', { 'if-none-match': '"old"' })).body).toBe(first.body);
  });
});

itWithBouncer(
  `CrowdSec's custom bouncer adds and deletes what it is told`,
  async () => {
    const at = (name: string) => join(site.directory, name);
    writeFileSync(at('act.sh'), `#!/bin/sh\necho "$1 $2" >> ${at('acts')}\n`);
    chmodSync(at('act.sh'), 0o755);
    writeFileSync(at('acts'), '');
    writeFileSync(
      at('bouncer.yaml'),
      [
        `bin_path: ${at('act.sh')}`,
        ...['piddir: /tmp', 'update_frequency: 1s', 'daemonize: false', 'log_mode: stdout', 'log_level: info'],
        ...[`api_url: ${site.origin}/`, `api_key: ${keys.get('edge')}`, 'cache_retention_duration: 10s'],
      ].join('\n'),
    );
    const bouncer = spawn(BOUNCER, ['-c', at('bouncer.yaml')], { stdio: 'ignore' });
    const acted = async (line: string) => {
      for (let i = 0; i < 100; i++) {
        if (readFileSync(at('acts'), 'utf8').split('\n').includes(line)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`the bouncer never did: ${line}; it did ${readFileSync(at('acts'), 'utf8')}`);
    };
    try {
      await acted('add 198.51.100.0/28');
      await acted('add 2001:db8:1:2::/64');
      await block('198.51.100.40');
      await acted('add 198.51.100.40');
      await lift('198.51.100.40');
      await acted('del 198.51.100.40');
      expect(readFileSync(at('acts'), 'utf8')).not.toContain('del 198.51.100.0/28');
    } finally {
      bouncer.kill('SIGKILL');
    }
  },
  40_000,
);
