import type { Clock, DesiredBlock, Firewall, FirewallKey } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

/** A firewall under test with the time it goes by. */
export interface FirewallFixture {
  firewall: Firewall;
  clock: Clock;
  /** Resolves when the clock has gone on by this much: set forward, or waited for. */
  pass(ms: number): Promise<void>;
  /** After `firewall.close()`: removes what is left. */
  dispose(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** By how much a kernel may round an expiry, and a slow machine be late. */
const TOLERANCE_MS = 5_000;
const MANY_TIMEOUT_MS = 120_000;

/** No address or network, not canonical, everything at once, or more than an address to whoever passes it on. */
const REFUSED = [
  ...['0.0.0.0/0', '::/0', '0.0.0.0', '::', '::ffff:0:0/96'],
  ...['fe80::1%eth0', '2001:db8::1%eth0', '2001:db8::1%25x', '::ffff:198.51.100.7', '::ffff:c633:6407'],
  ...['010.1', '127.1', '192.0.2.010', '0xc0.0.2.1', '3221225985', '192.0.2.', '192.0.2.256', '1', ''],
  ...['evil.example', '192.0.2.1; flush ruleset', '@ipv4_32', '192.0.2.1,192.0.2.2', '192.0.2.1-192.0.2.9'],
  ...['192.0.2.66/24', '192.0.2.1/32', '192.0.2.0/33', '192.0.2.0/ 24', '192.0.2.1\n', ' 192.0.2.1', '192.0.2.1 }'],
  ...['2001:DB8::1', '2001:db8:0:0::1', '2001:db8::1/64', '2001:db8::/129'],
];

/**
 * The contract of {@link Firewall}, run against every implementation, the reference included.
 *
 * @param many how many blocks are changed at once
 */
export function firewallConformance(name: string, create: () => Promise<FirewallFixture>, many = 100_000): void {
  describe(`${name} keeps the contract of Firewall`, () => {
    let fixture: FirewallFixture;
    let firewall: Firewall;

    beforeEach(async () => {
      fixture = await create();
      firewall = fixture.firewall;
    });
    afterEach(async () => {
      await firewall.close();
      await fixture.dispose();
    });

    const block = (target: string, forMs = 10 * MINUTE_MS): DesiredBlock => ({
      id: `id of ${target}`,
      target,
      untilMs: fixture.clock() + forMs,
    });
    const targets = async () => (await firewall.list()).map((entry) => entry.target).sort();
    const names = async () =>
      (await firewall.list()).map(({ target, ports }) => (ports ? `${ports} ${target}` : target)).sort();
    const remainingMs = async (target: string, ports?: 'web') =>
      (await firewall.list()).find((entry) => entry.target === target && entry.ports === ports)?.remainingMs ??
      Number.NaN;
    const near = (actualMs: number, expectedMs: number) => {
      expect(actualMs).toBeLessThanOrEqual(expectedMs);
      expect(actualMs).toBeGreaterThan(expectedMs - TOLERANCE_MS);
    };
    const untilGone = async (withinMs: number) => {
      for (const deadlineMs = fixture.clock() + withinMs; (await targets()).length > 0; await fixture.pass(50)) {
        if (fixture.clock() > deadlineMs) throw new Error(`still in force: ${(await targets()).slice(0, 5)}`);
      }
    };

    it('blocks addresses and networks of both families and lists them as they were given', async () => {
      const given = ['198.51.100.7', '198.51.100.0/24', '203.0.112.0/20', '2001:db8::7', '2001:db8:1:2::/64'];
      given.push('2001:db8:4000::/34', '2001:db8:1:2:8000::/65', '128.0.0.0/1');
      await firewall.apply(
        given.map((target) => block(target)),
        [],
      );
      expect(await targets()).toEqual([...given].sort());
      for (const target of given) near(await remainingMs(target), 10 * MINUTE_MS);
      expect(await firewall.verify()).toMatchObject({ problems: [], entries: given.length });
    });

    it('renews a block, for longer and for shorter', async () => {
      await firewall.apply([block('198.51.100.7'), block('198.51.100.0/24')], []);
      for (const forMs of [60 * MINUTE_MS, MINUTE_MS]) {
        await firewall.apply([block('198.51.100.7', forMs), block('198.51.100.0/24', forMs)], []);
        near(await remainingMs('198.51.100.7'), forMs);
        near(await remainingMs('198.51.100.0/24'), forMs);
      }
      expect(await targets()).toHaveLength(2);
    });

    it('ends a block at its time', async () => {
      await firewall.apply([block('198.51.100.7', 1500), block('2001:db8:1::/64', 1500)], []);
      expect(await targets()).toHaveLength(2);
      await untilGone(30_000);
      await fixture.pass(100);
      expect(await firewall.verify()).toMatchObject({ problems: [], entries: 0 });
    });

    it('takes a block that has already ended for none', async () => {
      await firewall.apply([block('198.51.100.7')], []);
      await firewall.apply([block('198.51.100.7', -1), { id: 'never', target: '198.51.100.8', untilMs: 0 }], []);
      await firewall.apply([{ id: 'before', target: '198.51.100.9', untilMs: -1 }], []);
      expect(await targets()).toEqual([]);
    });

    it('takes any end that is a number, however far, and refuses what is none', async () => {
      const untils = [Number.POSITIVE_INFINITY, Date.UTC(9999, 11, 31), 2 ** 63, Number.MAX_VALUE];
      await firewall.apply(
        untils.map((untilMs, i) => ({ id: `${i}`, target: `198.51.100.${i}`, untilMs })),
        [],
      );
      expect(await targets()).toHaveLength(untils.length);
      for (const { remainingMs } of await firewall.list()) expect(remainingMs).toBeGreaterThan(365 * 1440 * MINUTE_MS);
      const wrong = { id: 'x', target: '198.51.100.9', untilMs: Number.NaN };
      await expect(firewall.apply([block('198.51.100.8'), wrong], [])).rejects.toMatchObject({
        code: 'FIREWALL_EXPIRY_REFUSED',
      });
      expect(await targets()).toHaveLength(untils.length);
    });

    it('removes a block; removing one that is not there changes nothing', async () => {
      await firewall.apply([block('198.51.100.7'), block('2001:db8:1::/64')], []);
      await firewall.apply([], ['198.51.100.7', '198.51.100.99', '2001:db8:9::/64', '203.0.113.0/29']);
      expect(await targets()).toEqual(['2001:db8:1::/64']);
    });

    it('takes the last of several blocks of one target, and adds what is removed and added at once', async () => {
      await firewall.apply([block('198.51.100.7', MINUTE_MS), block('198.51.100.7', 5 * MINUTE_MS)], []);
      near(await remainingMs('198.51.100.7'), 5 * MINUTE_MS);
      await firewall.apply([block('198.51.100.7', 2 * MINUTE_MS)], ['198.51.100.7', '198.51.100.7']);
      near(await remainingMs('198.51.100.7'), 2 * MINUTE_MS);
    });

    it.each(REFUSED)('refuses %j, and all that came with it', async (target) => {
      await firewall.apply([block('198.51.100.1')], []);
      const refusal = { code: 'FIREWALL_TARGET_REFUSED' };
      await expect(firewall.apply([block('198.51.100.2'), block(target)], ['198.51.100.1'])).rejects.toMatchObject(
        refusal,
      );
      await expect(firewall.apply([block('198.51.100.2')], ['198.51.100.1', target])).rejects.toMatchObject(refusal);
      expect(await targets()).toEqual(['198.51.100.1']);
    });

    describe("blocks of the web's ports", () => {
      const web = (target: string, forMs?: number): DesiredBlock => ({ ...block(target, forMs), ports: 'web' });
      const webKey = (target: string): FirewallKey => ({ target, ports: 'web' });
      const given = ['198.51.100.7', '198.51.100.0/24', '2001:db8::7', '2001:db8:1:2::/64'];

      it('are listed as such, renewed and removed, beside others of the same targets', async () => {
        await firewall.apply(
          given.map((target) => web(target)),
          [],
        );
        expect(await names()).toEqual(given.map((target) => `web ${target}`).sort());
        await firewall.apply([web('198.51.100.7', MINUTE_MS), block('198.51.100.7', 5 * MINUTE_MS)], []);
        expect(await names()).toEqual(['198.51.100.7', ...given.map((target) => `web ${target}`)].sort());
        near(await remainingMs('198.51.100.7', 'web'), MINUTE_MS);
        near(await remainingMs('198.51.100.7'), 5 * MINUTE_MS);
        expect(await firewall.verify()).toMatchObject({ problems: [], entries: 5 });
        await firewall.apply([], ['198.51.100.7', '198.51.100.0/24', webKey('203.0.113.9')]);
        expect(await names()).toEqual(given.map((target) => `web ${target}`).sort());
        await firewall.apply([], given.map(webKey));
        expect(await names()).toEqual([]);
      });

      it('widen to all ports and narrow again in one batch', async () => {
        await firewall.apply(
          given.map((target) => web(target)),
          [],
        );
        await firewall.apply(
          given.map((target) => block(target)),
          given.map(webKey),
        );
        expect(await names()).toEqual([...given].sort());
        await firewall.apply(
          given.map((target) => web(target)),
          given,
        );
        expect(await names()).toEqual(given.map((target) => `web ${target}`).sort());
        expect(await firewall.verify()).toMatchObject({ problems: [], entries: given.length });
      });

      it('end at their time, and leave the one of all ports as it was', async () => {
        await firewall.apply([web('198.51.100.7', 1500), block('198.51.100.7'), web('198.51.100.8', 1500)], []);
        expect(await names()).toHaveLength(3);
        for (let left = 200; (await names()).length > 1 && left > 0; left--) await fixture.pass(50);
        expect(await names()).toEqual(['198.51.100.7']);
        expect(await firewall.verify()).toMatchObject({ problems: [], entries: 1 });
      });

      it.each(['0.0.0.0/0', '192.0.2.1; flush ruleset', '@web_ipv4_32'])('refuse %j as others do', async (target) => {
        await expect(firewall.apply([web(target)], [])).rejects.toMatchObject({ code: 'FIREWALL_TARGET_REFUSED' });
        await expect(firewall.apply([], [webKey(target)])).rejects.toMatchObject({ code: 'FIREWALL_TARGET_REFUSED' });
        expect(await names()).toEqual([]);
      });

      it('are all ports where the ports are not known', async () => {
        await firewall.apply([{ ...block('198.51.100.7'), ports: 'mail' as 'web' }], []);
        expect(await names()).toEqual(['198.51.100.7']);
      });

      it('go with everything else', async () => {
        await firewall.apply([web('198.51.100.7')], []);
        await firewall.remove();
        expect(await names()).toEqual([]);
        await firewall.apply([block('198.51.100.8')], []);
        expect(await names()).toEqual(['198.51.100.8']);
      });
    });

    it('lets blocks that overlap stand and end each by itself', async () => {
      const nested = [
        '192.0.2.66',
        '192.0.2.64/27',
        '192.0.2.0/24',
        '192.0.0.0/16',
        '2001:db8:1::5',
        '2001:db8:1::/64',
      ];
      for (const order of [nested, [...nested].reverse()]) {
        for (const target of order) await firewall.apply([block(target)], []);
        expect(await targets()).toEqual([...nested].sort());
        await firewall.apply([], ['2001:db8:1::/64', '192.0.2.0/24']);
        expect(await targets()).toEqual(['192.0.0.0/16', '192.0.2.64/27', '192.0.2.66', '2001:db8:1::5']);
        await firewall.apply([], nested);
      }
      await firewall.apply([block('192.0.2.0/24', 1000), block('192.0.2.66')], []);
      await firewall.apply([block('192.0.0.0/16', 1000)], []);
      for (let left = 200; (await targets()).length > 1 && left > 0; left--) await fixture.pass(50);
      expect(await targets()).toEqual(['192.0.2.66']);
    });

    it(
      `holds ${many} blocks that all end together, without a gap when renewed before`,
      async () => {
        const addresses = Array.from({ length: many }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
        const until = (untilMs: number) => addresses.map((target) => ({ id: target, target, untilMs }));
        const firstMs = fixture.clock() + 8000;
        await firewall.apply(until(firstMs), []);
        expect(await targets()).toHaveLength(many);
        await fixture.pass(Math.max(0, firstMs - 3000 - fixture.clock()));
        await firewall.apply(until(fixture.clock() + 10 * MINUTE_MS), []);
        await fixture.pass(Math.max(0, firstMs + 500 - fixture.clock()));
        const entries = await firewall.list();
        expect(entries).toHaveLength(many);
        expect(entries.filter((entry) => (entry.remainingMs ?? 0) < 9 * MINUTE_MS)).toEqual([]);
        expect(await firewall.verify()).toMatchObject({ problems: [], entries: many });
        await firewall.apply(until(fixture.clock() + 2000), []);
        await untilGone(60_000);
      },
      MANY_TIMEOUT_MS,
    );

    it('equals a map from target and ports to time after any changes', async () => {
      const pool = ['198.51.100.1', '198.51.100.2', '198.51.100.0/24', '198.51.0.0/16', '2001:db8::/64', '2001:db8::1'];
      const key = fc.record({ target: fc.constantFrom(...pool), ports: fc.constantFrom(undefined, 'web' as const) });
      const minutes = fc.integer({ min: -1, max: 1000 });
      const change = fc.record({ add: fc.array(fc.tuple(key, minutes)), remove: fc.array(key) });
      const nameOf = ({ target, ports }: FirewallKey) => (ports ? `${ports} ${target}` : target);
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
          const model = new Map<string, number>();
          await firewall.apply([], [...pool, ...pool.map((target) => ({ target, ports: 'web' as const }))]);
          for (const { add, remove } of changes) {
            await firewall.apply(
              add.map(([{ target, ports }, forMinutes]) => ({ ...block(target, forMinutes * MINUTE_MS), ports })),
              remove,
            );
            for (const one of remove) model.delete(nameOf(one));
            for (const [one, forMinutes] of add) {
              if (forMinutes > 0) model.set(nameOf(one), forMinutes * MINUTE_MS);
              else model.delete(nameOf(one));
            }
          }
          expect(await names()).toEqual([...model.keys()].sort());
          for (const { remainingMs, ...one } of await firewall.list())
            near(remainingMs ?? 0, model.get(nameOf(one)) ?? 0);
        }),
        { numRuns: 15 },
      );
    });

    it('removes everything, also when nothing was set up, and works again afterwards', async () => {
      await firewall.remove();
      await firewall.apply([block('198.51.100.7')], []);
      await firewall.remove();
      expect(await targets()).toEqual([]);
      await firewall.remove();
      await firewall.apply([block('198.51.100.8')], []);
      expect(await targets()).toEqual(['198.51.100.8']);
    });

    it('is closed once and for all', async () => {
      await firewall.close();
      await firewall.close();
      await expect(firewall.apply([], [])).rejects.toMatchObject({ code: 'FIREWALL_CLOSED' });
    });
  });
}
