import { configSchema, readKnownProxies } from '@fleetwall/config';
import { describe, expect, it } from '@jest/globals';
import { Chain, R, shipped, sixTimes, V } from './chain.js';

const T = Date.UTC(2026, 10, 22, 7);
const STRANGER = '203.0.113.200';
const PROXY = '203.0.113.5';
/** An address of a list that is shipped. */
const CDN = '104.16.0.1';
const detections = await shipped();
const known = await readKnownProxies(configSchema.parse({ collector: { trustedProxies: [PROXY, 'cloudflare'] } }));
const unconfigured = await readKnownProxies(configSchema.parse({}));

const STAMP = '[22/Nov/2026:07:00:00 +0000]';
const access = (peer: string, forwardedFor: string) =>
  `${peer} - admin ${STAMP} "GET /admin HTTP/1.1" 401 188 "-" "x" "${forwardedFor}"`;

describe('a name in brackets, six times, from the raw line to the firewall', () => {
  it.each([
    [
      'A11',
      `[Sun Nov 22 07:00:00.5 2026] [auth_basic:error] [pid 1:tid 2] [client ${R}:5000] AH01617: user [client ${V}:1] root: authentication failure for "/": Password Mismatch`,
    ],
    ['A11', `[Sun Nov 22 07:00:00 2026] [error] [client ${R}] user [client ${V}] root not found: /`],
    ['A12', `${R} - ${V} x ${STAMP} \\x22GET / HTTP/1.1\\x22 200 1 ${STAMP} "GET / HTTP/1.1" 401 188 "-" "${V}"`],
  ])('%s %j blocks the peer alone', async (_id, line) => {
    const subject = new Chain(detections, T + 60_000);
    for (const one of sixTimes(line)) {
      expect(subject.line(one)).toMatchObject({ 'source.ip': R, 'event.outcome': 'failure', 'event.original': one });
    }
    expect([...subject.addresses()]).toEqual([R]);
    expect(await subject.inForce()).toEqual([R]);
  });

  it.each([
    ['A12', `${R} - ${V} - - ${STAMP} "GET / HTTP/1.1" 200 1 ${STAMP} "GET / HTTP/1.1" 401 188 "-" "x"`],
    ['A12', `${R} - ${V} - - ${STAMP} \\x22GET / HTTP/1.1\\x22 200 1 ${STAMP} "GET / HTTP/1.1" 401 188 "-" "x"`],
    [
      'A12',
      `2026/11/22 07:00:00 [error] 1#1: *3 user "x": password mismatch, client: ${V}, server: , request: "" was not found in "/x", client: ${R}, server: , request: "GET /"`,
    ],
  ])('%s %j could be read in two ways, so nobody is blocked', async (_id, line) => {
    const subject = new Chain(detections, T + 60_000);
    for (const one of sixTimes(line)) expect(subject.line(one)?.['source.ip']).toBeUndefined();
    expect(await subject.inForce()).toEqual([]);
  });
});

describe('A13: X-Forwarded-For, six times, from the raw line to the firewall', () => {
  it.each([
    ['from a stranger, where nothing is trusted', unconfigured, STRANGER, `${V}, ${R}`, [STRANGER]],
    ['from a stranger, where proxies are trusted', known, STRANGER, `${V}, ${R}`, [STRANGER]],
    ['from a configured proxy', known, PROXY, `${V}, ${R}`, [R]],
    ['from a configured CDN behind which the proxy stands', known, PROXY, `${V}, ${R}, ${CDN}`, [R]],
    ['from a configured proxy that says nothing', known, PROXY, '-', []],
    ['from a configured proxy that says something unreadable', known, PROXY, `${V}, unknown`, []],
    ['from a CDN that nobody configured', unconfigured, CDN, `${V}, ${R}`, []],
  ])('%s', async (_, proxies, peer, forwardedFor, blocked) => {
    const subject = new Chain(detections, T + 60_000, proxies);
    for (const line of sixTimes(access(peer, forwardedFor))) subject.line(line);
    expect([...subject.addresses()]).not.toContain(V);
    expect(await subject.inForce()).toEqual(blocked);
  });

  it('a proxy that was asked to be blocked is refused by name', () => {
    const subject = new Chain(detections, T + 60_000, unconfigured);
    for (const line of sixTimes(access(CDN, R))) subject.line(line);
    expect(subject.alerts.length).toBeGreaterThan(0);
    expect([...subject.decider.book.all()].map(({ state }) => state)).not.toContain('active');
  });
});
