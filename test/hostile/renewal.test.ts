import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArmedMarker, DesiredBlocks, Enforcer } from '@fleetwall/collector';
import type { DesiredBlock } from '@fleetwall/core';
import { Decider } from '@fleetwall/response';
import { expect, it } from '@jest/globals';
import { DryRunFirewall } from '../../collector/src/firewalls/dry-run.js';

const MANY = 100_000;
const AT_ONCE = 5_000;
const MINUTE_MS = 60_000;
const T = Date.UTC(2026, 10, 22, 12);

/** Lets no renewal pass that leaves a gap: looks after every change how many are in force. */
class WatchedFirewall extends DryRunFirewall {
  least = Number.POSITIVE_INFINITY;

  override async apply(add: DesiredBlock[], remove: string[]): Promise<void> {
    await super.apply(add, remove);
    this.least = Math.min(this.least, (await this.verify()).entries);
  }
}

function targetsFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return `100.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  });
}

it('B10: 100,000 blocks that end in one second, renewed a moment before, are in force without a gap, then over', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-renewal-'));
  let nowMs = T;
  const firewall = new WatchedFirewall(() => nowMs);
  const marker = new ArmedMarker(join(directory, 'armed'));
  marker.arm('a test', nowMs);
  const enforcer = await Enforcer.open({
    host: 'web-01',
    firewall,
    marker,
    desired: new DesiredBlocks(join(directory, 'desired.json')),
    clock: () => nowMs,
    readFacts: () => ({ own: [], gateways: [], resolvers: [], sessions: [] }),
    report: async () => undefined,
    onNotice: () => undefined,
  });
  await enforcer.start();
  let revision = 0;
  const block = async () => {
    for (let at = 0; at < MANY; at += AT_ONCE) {
      const untilMs = nowMs + MINUTE_MS;
      const add = targetsFrom(at, AT_ONCE).map((target) => ({ id: target, target, untilMs }));
      await enforcer.update({ type: 'delta', revision: ++revision, add, remove: [] });
      nowMs += 1;
    }
  };
  try {
    await block();
    expect((await firewall.verify()).entries).toBe(MANY);
    firewall.least = Number.POSITIVE_INFINITY;
    nowMs = T + MINUTE_MS - 100;
    await block();
    nowMs = T + MINUTE_MS + 1_000;
    expect(firewall.least).toBe(MANY);
    expect((await firewall.verify()).entries).toBe(MANY);
    nowMs = T + 2 * MINUTE_MS + 1_000;
    expect((await firewall.verify()).entries).toBe(0);
  } finally {
    await enforcer.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

it('B10: a block that is asked for again in the moment before its end does not end', () => {
  const decider = new Decider({ policies: [], exemptions: () => [] });
  const targets = targetsFrom(0, 10_000);
  const block = (nowMs: number) => {
    for (const target of targets) {
      const ask = { id: target, by: 'someone', comment: 'a test', atMs: nowMs, durationMs: MINUTE_MS };
      decider.onRequest({ ...ask, type: 'block', target, scope: { type: 'fleet' } }, nowMs);
    }
  };
  block(T);
  block(T + MINUTE_MS - 1);
  expect(decider.tick(T + MINUTE_MS + 1_000).changed).toEqual([]);
  const over = decider.tick(T + 2 * MINUTE_MS).changed;
  expect([over.length, new Set(over.map(({ state }) => state))]).toEqual([10_000, new Set(['expired'])]);
});
