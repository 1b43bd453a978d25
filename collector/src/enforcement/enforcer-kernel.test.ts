import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openFirewall } from '../firewalls/index.js';
import { enterNewNetworkNamespace } from '../firewalls/nftables/network-namespace.js';
import { ArmedMarker } from './armed-marker.js';
import { DesiredBlocks } from './desired-blocks.js';
import { Enforcer, type EnforcerNotice } from './enforcer.js';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const R = '198.51.100.7';
const STALE = '198.51.100.8';
const HOUR_MS = 3_600_000;

const nft = (...args: string[]) => execFileSync('nft', args, { encoding: 'utf8' });
const holds = (address: string) => nft('list', 'ruleset').includes(address);

async function until(what: string, isTrue: () => boolean, withinMs = 15_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !isTrue(); await new Promise((done) => setTimeout(done, 50))) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}; ${nft('list', 'ruleset')}`);
  }
}

(isRoot ? describe : describe.skip)('the enforcer and a real kernel (needs root on Linux)', () => {
  let leave: () => void;
  let directory: string;
  let aheadMs = 0;
  const clock: Clock = () => Date.now() + aheadMs;
  const notices: EnforcerNotice[] = [];
  let enforcer: Enforcer;

  beforeAll(() => {
    leave = enterNewNetworkNamespace();
  });
  afterAll(() => leave());
  beforeEach(async () => {
    aheadMs = 0;
    notices.length = 0;
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-enforcer-'));
    const marker = new ArmedMarker(join(directory, 'armed'));
    marker.arm('a test', clock());
    enforcer = await Enforcer.open({
      host: 'web-01',
      firewall: await openFirewall('nftables', clock),
      marker,
      desired: new DesiredBlocks(join(directory, 'desired.json')),
      clock,
      readFacts: () => ({ own: [], gateways: [], resolvers: [], sessions: [] }),
      report: async () => undefined,
      onNotice: (notice) => void notices.push(notice),
    });
  });
  afterEach(async () => {
    await enforcer.stop();
    nft('flush', 'ruleset');
    rmSync(directory, { recursive: true, force: true });
  });

  const block = (target: string) => ({ id: target, target, untilMs: clock() + 2 * HOUR_MS });

  it('keeps what an earlier process left until the centre has spoken, then only what is wanted', async () => {
    const earlier = await openFirewall('nftables', clock);
    await earlier.apply([block(R), block(STALE)], []);
    await earlier.close();
    await enforcer.start();
    await new Promise((done) => setTimeout(done, 1_500));
    expect([holds(R), holds(STALE)]).toEqual([true, true]);
    await enforcer.update({ type: 'snapshot', revision: 1, blocks: [block(R)] });
    await until('the stale one to go', () => !holds(STALE));
    expect(holds(R)).toBe(true);
    expect(notices.map(({ action }) => action)).toEqual(['armed']);
  }, 30_000);

  it('brings back what someone flushed', async () => {
    await enforcer.start();
    await enforcer.update({ type: 'snapshot', revision: 1, blocks: [block(R)] });
    nft('flush', 'ruleset');
    await until('the block to be back', () => holds(R));
    expect(notices.at(-1)?.action).toBe('firewall-restored');
  }, 30_000);

  it.each([
    ['ahead', HOUR_MS],
    ['back', -HOUR_MS],
  ])(
    'E09: a clock that jumps an hour %s lifts nothing that is not over',
    async (_way, stepMs) => {
      await enforcer.start();
      await enforcer.update({ type: 'snapshot', revision: 1, blocks: [block(R)] });
      for (const ms of [stepMs, 0]) {
        aheadMs = ms;
        for (const endMs = Date.now() + 1_500; Date.now() < endMs; await new Promise((done) => setTimeout(done, 100))) {
          expect(holds(R)).toBe(true);
        }
      }
      expect(notices.map(({ action }) => action)).toEqual(['armed']);
    },
    30_000,
  );
});
