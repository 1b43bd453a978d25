import type { AlertChange, Block, Enforcement } from '@fleetwall/core';
import { TOPICS } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../e2e/standalone.js';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const HOSTS = 2_000;
const BLOCKS = 10_000;
const MOST_BYTES = 1 << 20;
/** One for all, so that their order is that of their numbers. */
const nowMs = Date.now();
const site = new ConsoleSite();
let cookie = '';

const names = Array.from({ length: HOSTS }, (_, i) => `customer-${i % 40}-web-${i}.example.com`);
const target = (i: number) => `198.51.${i >> 8}.${i & 255}`;

/** Seen by many hosts, and with a line of reasons, as those of a busy fleet are. */
function blockOf(i: number): Block {
  const atMs = nowMs - 60_000 - i;
  const alert = { rule: 'slow-grind', ruleId: 'r', summary: `Slow grind: ${target(i)} failed 23 times on 9 accounts` };
  return {
    ...{ id: `block-${i}`, version: 1, target: target(i), scope: { type: 'fleet' }, state: 'active' },
    ...{
      atMs,
      untilMs: nowMs + 3_600_000,
      offence: 1,
      forgetBeforeMs: 0,
      cutSessions: false,
      except: [],
      history: [],
    },
    reasons: [
      { type: 'alert', alertId: `a-${i}`, version: 1, ...alert, count: 23, hosts: names.slice(0, 100), evidence: [] },
    ],
  };
}

function alertOf(i: number): AlertChange {
  const lastMs = nowMs - 60_000 - i;
  return {
    ...{ id: `a-${i}`, version: 1, state: 'open', rule: 'slow-grind', ruleId: 'r', title: 'Slow Grind', level: 'high' },
    ...{ tags: [], tenant: 'acme', key: { 'source.ip': target(i) }, evidenceClass: 'handshake', knownGood: false },
    ...{ history: false, threshold: 5, firstMs: lastMs - 60_000, lastMs, firedMs: lastMs, count: 23 },
    ...{ hosts: names.slice(0, 200), evidence: [], contributors: [], cleared: [] },
  };
}

function reportOf(host: string): Enforcement {
  const exceptions = Array.from({ length: 20 }, (_, i) => ({
    ...{ id: `block-${i}`, target: target(i), state: 'ineffective' as const },
    reason: 'Windows firewall is off in the Public profile',
  }));
  return { host, armed: true, firewall: 'nftables', revision: 1, inForce: BLOCKS - 20, exceptions, atMs: Date.now() };
}

beforeAll(async () => {
  await site.start();
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  cookie = await site.cookieOf('anna');
  await site.decisions.putBlocks(Array.from({ length: BLOCKS }, (_, i) => blockOf(i)));
  await site.decisions.putAlerts(Array.from({ length: 1_000 }, (_, i) => alertOf(i)));
  await site.store.bulk(names.map((host, i) => failedLogon(`e-${i}`, { 'host.name': host })));
  const reports = names.map((host) => ({ key: host, value: Buffer.from(JSON.stringify(reportOf(host))) }));
  await site.bus.publish(TOPICS.enforcement, reports);
  const told = async () =>
    (await site.ask('GET', '/hosts', { cookie })).body.hosts.filter((host: { reported?: string }) => host.reported);
  await until('every host to have told of itself', async () => (await told()).length === HOSTS);
}, 120_000);
afterAll(() => site.stop());

/** What the pages ask for, with their own sizes of pages. */
const ASKED = [
  '/overview',
  '/hosts',
  '/blocks?state=active&from=now-52w&limit=500',
  '/alerts?state=open&status=open&from=now-52w&limit=500',
  '/events?limit=200',
  '/events?limit=1000',
  '/events/histogram?buckets=60&from=now-30d',
  '/events/top?field=host.name&limit=100',
  '/events/values?field=host.name&prefix=customer&limit=50',
  `/addresses/${target(0)}`,
];

describe(`with ${HOSTS} hosts and ${BLOCKS} blocks`, () => {
  it.each(ASKED)('%s answers less than a megabyte', async (path) => {
    const { status, body } = await site.ask('GET', path, { cookie });
    const bytes = Buffer.byteLength(JSON.stringify(body));
    expect([status, bytes > 100]).toEqual([200, true]);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it.each([
    ['blocks', '/blocks?state=active&from=now-52w&limit=500', (i: number) => `block-${i}`],
    ['alerts', '/alerts?state=open&from=now-52w&limit=500', (i: number) => `a-${i}`],
  ])(
    'pages that were cut to size lose none of the %s',
    async (list, path, idOf) => {
      const seen: string[] = [];
      let cursor = '';
      for (let pages = 0; pages < 3; pages++) {
        const { body } = await site.ask('GET', `${path}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {
          cookie,
        });
        expect(body[list].length).toBeLessThan(500);
        seen.push(...body[list].map(({ id }: { id: string }) => id));
        cursor = body.cursor;
      }
      expect(seen).toEqual(Array.from(seen, (_, i) => idOf(i)));
    },
    60_000,
  );

  it('every host is in the list, with how many of its blocks do not hold', async () => {
    const { body } = await site.ask('GET', '/hosts', { cookie });
    expect(body.hosts).toHaveLength(HOSTS);
    expect(body.hosts[0]).toMatchObject({ state: 'ineffective', exceptionCount: 20 });
    expect(body.hosts[0].exceptions).toHaveLength(2);
  });
});
