import { overlaps, parseNetwork } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BlockPlan } from '../../collector/src/enforcement/block-plan.js';
import { parseTarget } from '../../services/response/src/control/requests.js';
import { R, V } from './chain.js';
import { Fleet } from './fleet.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let fleet: Fleet;
beforeEach(async () => {
  fleet = new Fleet();
  await fleet.start();
});
afterEach(() => fleet.stop());

/** Nothing was decided, and a block of something else comes through. */
async function nothingChanged(): Promise<void> {
  expect(fleet.blocks()).toEqual([]);
  await fleet.block(R);
  await fleet.holds(R);
}

/** The host refuses, whatever the centre says. */
function refusedByHost(target: string): void {
  const plan = new BlockPlan({ always: [], sessions: [] });
  expect(plan.set({ id: 'x', target, untilMs: Number.MAX_SAFE_INTEGER })).toEqual([]);
  expect(plan.refusals()).toHaveLength(1);
}

describe('refused at the centre, and again on the host and by the firewall', () => {
  it.each([
    ...['0.0.0.0/0', '::/0', '0.0.0.0', '::'].map((target) => ['B01', target, /BLOCK_REFUSED/] as const),
    ...['fe80::1%eth0', '2001:db8::1%eth0', '2001:db8::1%25x'].map((target) => ['B03', target, /ADDRESS/] as const),
    ...['010.1', '127.1', '192.0.2.010', '0xc0.0.2.1', '3221225985', '192.0.2.', '192.0.2.256'].map(
      (target) => ['B04', target, /ADDRESS/] as const,
    ),
    ...['evil.example', '1', '192.0.2.1; flush ruleset', '@set', '192.0.2.1,192.0.2.2'].map(
      (target) => ['B05', target, /ADDRESS/] as const,
    ),
    ...['127.0.0.53', '169.254.169.254', 'fe80::1', 'ff02::1'].map(
      (target) => ['B06', target, /BLOCK_REFUSED/] as const,
    ),
  ])('%s %s', async (_id, target, code) => {
    await expect(fleet.block(target)).rejects.toMatchObject({ code: expect.stringMatching(code) });
    if (/ADDRESS/.test(code.source))
      expect(() => parseTarget(target)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
    refusedByHost(target);
    if (!/^(127|169|fe80|ff02)/.test(target)) {
      const block = { id: 'x', target, untilMs: fleet.nowMs + HOUR_MS };
      await expect(fleet.firewall.apply([block], [])).rejects.toMatchObject({ code: 'FIREWALL_TARGET_REFUSED' });
    }
    await nothingChanged();
  });

  it('B06: gateway, resolver, own address and a live session are known to the host alone, which says which', async () => {
    fleet.facts.sessions = ['198.51.100.9'];
    fleet.nowMs += 5_000;
    await fleet.block('198.51.100.9');
    for (const target of ['192.0.2.1', '192.0.2.53', '203.0.113.5', R]) await fleet.block(target);
    await fleet.holds(R);
    const reasons = () => (fleet.reports.at(-1)?.exceptions ?? []).map(({ target, reason }) => `${target}: ${reason}`);
    await fleet.until('the reasons', async () => reasons().length === 4);
    expect(reasons().sort()).toEqual([
      "192.0.2.1: the host's gateway",
      "192.0.2.53: the host's resolver",
      '198.51.100.9: a live logon session comes from there',
      "203.0.113.5: the host's own address",
    ]);
  });
});

describe('targets', () => {
  it('B02: both ways of writing IPv4 in IPv6 are the one block', async () => {
    await fleet.block('::ffff:198.51.100.7');
    await fleet.block('::ffff:c633:6407');
    await fleet.holds(R);
    expect(fleet.blocks().map(({ target }) => target)).toEqual([R]);
    await fleet.unblock('::ffff:c633:6407');
    await fleet.holds();
  });

  it('B07: a network with host bits is the network, and reads back as it', async () => {
    fleet.facts.gateways = [];
    fleet.facts.resolvers = [];
    fleet.nowMs += 5_000;
    await fleet.block('192.0.2.66/24');
    await fleet.holds('192.0.2.0/24');
  });

  it('B08: an allowed address inside a blocked network stays reachable, its neighbours do not, and the lift leaves nothing', async () => {
    await fleet.allow(V);
    await fleet.block('192.0.2.0/24');
    await fleet.until('the block', async () => (await fleet.targets()).length > 0);
    const held = (await fleet.targets()).map(parseNetwork);
    const isHeld = (address: string) => held.some((network) => overlaps(network, parseNetwork(address)));
    expect(['192.0.2.65', V, '192.0.2.67'].map(isHeld)).toEqual([true, false, true]);
    await fleet.unblock('192.0.2.0/24');
    await fleet.holds();
  });

  it('B09: blocks that overlap end each by itself', async () => {
    await fleet.block('2001:db8:1::/64');
    await fleet.block('2001:db8:1::5');
    await fleet.holds('2001:db8:1::/64', '2001:db8:1::5');
    await fleet.unblock('2001:db8:1::/64');
    await fleet.holds('2001:db8:1::5');
  });
});

describe('B11: times', () => {
  it.each([-1, 0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, Date.UTC(9999, 11, 31)])(
    'a duration of %p is refused',
    async (durationMs) => {
      await expect(fleet.block(R, durationMs)).rejects.toMatchObject({ code: 'DURATION_INVALID' });
      await nothingChanged();
    },
  );

  it('extended, then shortened, the firewall has the new end each time', async () => {
    for (const durationMs of [HOUR_MS, 3 * HOUR_MS, MINUTE_MS]) {
      await fleet.block(R, durationMs);
      await fleet.until('the new end', async () => (await fleet.firewall.list())[0]?.remainingMs === durationMs);
    }
    fleet.nowMs += MINUTE_MS;
    await fleet.holds();
  });
});
