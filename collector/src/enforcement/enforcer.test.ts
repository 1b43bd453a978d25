import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DesiredBlock, type Enforcement, FleetwallError, parseNetwork } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DryRunFirewall, FIREWALL_ERRORS } from '../firewalls/index.js';
import { ArmedMarker } from './armed-marker.js';
import { DesiredBlocks } from './desired-blocks.js';
import { Enforcer, type EnforcerNotice } from './enforcer.js';
import type { HostFacts } from './host-facts.js';

const T = Date.UTC(2026, 10, 22, 12);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const R = '198.51.100.7';

/** The reference firewall, which fails when a test says so and keeps its own time, as a kernel does. */
class HostFirewall extends DryRunFirewall {
  fault: ((changes: number) => FleetwallError | undefined) | undefined;
  readonly batches: number[] = [];

  override async apply(add: DesiredBlock[], remove: string[]): Promise<void> {
    const error = this.fault?.(add.length + remove.length);
    if (error) throw error;
    this.batches.push(add.length + remove.length);
    await super.apply(add, remove);
  }

  async targets(): Promise<string[]> {
    return (await this.list()).map(({ target }) => target).sort();
  }
}

const PROXIES = { network: parseNetwork('192.0.2.128/28'), reason: 'a known proxy (example)' };

const refusal = (code: keyof typeof FIREWALL_ERRORS) => new FleetwallError(code, FIREWALL_ERRORS[code], { bytes: 9 });

class Host {
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-enforcer-'));
  readonly marker = new ArmedMarker(join(this.directory, 'armed'));
  facts: HostFacts = { own: ['203.0.113.5'], gateways: ['192.0.2.1'], resolvers: ['192.0.2.53'], sessions: [] };
  nowMs = T;
  /** What the kernel's own clock has missed: it stands still while the machine sleeps. */
  asleepMs = 0;
  readonly firewall = new HostFirewall(() => this.nowMs - this.asleepMs);
  readonly reports: Enforcement[] = [];
  readonly notices: EnforcerNotice[] = [];
  isCentreAway = false;
  revision = 0;
  enforcer!: Enforcer;

  async start(): Promise<void> {
    this.enforcer = await Enforcer.open({
      host: 'web-01',
      firewall: this.firewall,
      marker: this.marker,
      desired: new DesiredBlocks(join(this.directory, 'desired.json')),
      clock: () => this.nowMs,
      readFacts: () => structuredClone(this.facts),
      exemptions: [PROXIES],
      report: async (enforcement) => {
        if (this.isCentreAway) throw new Error('away');
        this.reports.push(enforcement);
      },
      onNotice: (notice) => void this.notices.push(notice),
    });
    await this.enforcer.start();
  }

  block(target: string, more: Partial<DesiredBlock> = {}): DesiredBlock {
    return { id: `id of ${target}`, target, untilMs: this.nowMs + HOUR_MS, ...more };
  }

  add(...blocks: DesiredBlock[]): Promise<void> {
    return this.enforcer.update({ type: 'delta', revision: ++this.revision, add: blocks, remove: [] });
  }

  remove(...ids: string[]): Promise<void> {
    return this.enforcer.update({ type: 'delta', revision: ++this.revision, add: [], remove: ids });
  }

  snapshot(...blocks: DesiredBlock[]): Promise<void> {
    return this.enforcer.update({ type: 'snapshot', revision: ++this.revision, blocks });
  }
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !(await isTrue()); await new Promise((done) => setTimeout(done, 20))) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

let host: Host;
beforeEach(async () => {
  host = new Host();
  await host.start();
});
afterEach(async () => {
  await host.enforcer.stop();
  rmSync(host.directory, { recursive: true, force: true });
});

describe('arming', () => {
  it('comes first: until then nothing is applied, and afterwards all of it', async () => {
    await host.add(host.block(R), host.block('2001:db8:1::/64'));
    expect(await host.firewall.targets()).toEqual([]);
    expect(host.reports.at(-1)).toMatchObject({ host: 'web-01', armed: false, revision: 1, inForce: 0 });
    await host.enforcer.arm('someone');
    expect(await host.firewall.targets()).toEqual([R, '2001:db8:1::/64']);
    expect(host.reports.at(-1)).toMatchObject({ armed: true, revision: 1, inForce: 2, exceptions: [] });
    expect(host.enforcer.status().armedBy).toMatch(/^armed by someone at 2026-11-22T12:00:00.000Z$/);
    expect(host.enforcer.holds(R)).toBe(true);
  });

  it('ends at once with disarm, and what comes meanwhile waits', async () => {
    await host.enforcer.arm('someone');
    await host.add(host.block(R));
    await host.enforcer.disarm();
    expect(await host.firewall.targets()).toEqual([]);
    await host.add(host.block('198.51.100.8'));
    expect(await host.firewall.targets()).toEqual([]);
    await host.enforcer.arm('someone');
    expect(await host.firewall.targets()).toEqual([R, '198.51.100.8']);
    expect(host.notices.map(({ action }) => action)).toEqual(['armed', 'disarmed', 'armed']);
  });

  it('ends when another process removes the marker', async () => {
    await host.enforcer.arm('someone');
    await host.add(host.block(R));
    new ArmedMarker(host.marker.path).disarm();
    await until('the firewall to be empty', async () => (await host.firewall.targets()).length === 0);
    await until('the notice', () => host.notices.at(-1)?.action === 'disarmed');
    expect(host.reports.at(-1)).toMatchObject({ armed: false, inForce: 0 });
  });
});

describe('what is in force', () => {
  beforeEach(() => host.enforcer.arm('someone'));

  it('follows deltas and snapshots', async () => {
    await host.add(host.block(R), host.block('198.51.100.8'));
    await host.remove(`id of ${R}`);
    expect(await host.firewall.targets()).toEqual(['198.51.100.8']);
    await host.snapshot(host.block('198.51.100.9'));
    expect(await host.firewall.targets()).toEqual(['198.51.100.9']);
    expect(host.reports.at(-1)).toMatchObject({ revision: 3, inForce: 1 });
  });

  it('B11: is renewed for longer and for shorter, with the new end in the firewall', async () => {
    for (const untilMs of [T + HOUR_MS, T + 3 * HOUR_MS, T + MINUTE_MS]) {
      await host.add(host.block(R, { untilMs }));
      expect(await host.firewall.list()).toEqual([{ target: R, remainingMs: untilMs - T }]);
    }
  });

  it('B08: is a network without its exempt part, of which the lift leaves nothing', async () => {
    await host.add(host.block('192.0.2.0/24', { except: ['192.0.2.66'] }));
    const targets = await host.firewall.targets();
    expect(targets).not.toContain('192.0.2.66');
    expect(targets).toEqual(expect.arrayContaining(['192.0.2.67']));
    await host.remove('id of 192.0.2.0/24');
    expect(await host.firewall.targets()).toEqual([]);
  });

  it('B06: never holds what the host refuses, and says which and why', async () => {
    host.facts.sessions = ['198.51.100.9'];
    host.nowMs += 5 * SECOND_MS;
    const refused = [
      '192.0.2.1',
      '192.0.2.53',
      '203.0.113.5',
      '198.51.100.9',
      '192.0.2.130',
      '127.0.0.53',
      '0.0.0.0/0',
    ];
    await until('the session to be seen', () => host.enforcer.refusal('198.51.100.9') !== undefined);
    await host.add(...refused.map((target) => host.block(target)), host.block(R));
    expect(await host.firewall.targets()).toEqual([R]);
    const reasons = (host.reports.at(-1)?.exceptions ?? []).map(({ target, state, reason }) => [target, state, reason]);
    expect(reasons).toEqual([
      ['192.0.2.1', 'refused', "the host's gateway"],
      ['192.0.2.53', 'refused', "the host's resolver"],
      ['203.0.113.5', 'refused', "the host's own address"],
      ['198.51.100.9', 'refused', 'a live logon session comes from there'],
      ['192.0.2.130', 'refused', 'a known proxy (example)'],
      ['127.0.0.53', 'refused', 'loopback'],
      ['0.0.0.0/0', 'refused', expect.stringMatching(/wider/)],
    ]);
  });

  it('B06: makes way for an administrator who logs on, and comes back when the session is over', async () => {
    await host.add(host.block(R));
    host.facts.sessions = [R];
    host.nowMs += 5 * SECOND_MS;
    await until('the way to be free', async () => (await host.firewall.targets()).length === 0);
    host.facts.sessions = [];
    host.nowMs += 5 * SECOND_MS;
    await until('the block to be back', async () => (await host.firewall.targets()).length === 1);
  });

  it('comes back, with a notice, when someone flushed the firewall', async () => {
    await host.add(host.block(R), host.block('198.51.100.8'));
    await host.firewall.remove();
    await until('both blocks', async () => (await host.firewall.targets()).length === 2);
    expect(host.notices.at(-1)).toEqual({
      action: 'firewall-restored',
      message: 'someone removed entries; 2 blocks are applied again',
    });
  });

  it('comes back when someone exchanged one entry for another, and the foreign one goes', async () => {
    await host.add(host.block(R));
    await host.firewall.apply([host.block('198.51.100.8')], [R]);
    host.nowMs += 4 * SECOND_MS;
    await until('the entry', async () => (await host.firewall.targets()).join() === R);
  });

  it('ends at its time', async () => {
    await host.add(host.block(R, { untilMs: T + MINUTE_MS }), host.block('198.51.100.8'));
    host.nowMs += MINUTE_MS;
    await until('one to be over', () => host.reports.at(-1)?.inForce === 1);
    expect(await host.firewall.targets()).toEqual(['198.51.100.8']);
    expect(host.notices.filter(({ action }) => action !== 'armed')).toEqual([]);
  });

  it('is the same after a restart without the centre, and what nobody wants any more goes', async () => {
    await host.add(host.block(R));
    await host.firewall.apply([host.block('198.51.100.8')], []);
    await host.enforcer.stop();
    const held = await host.firewall.list();
    const again = new HostFirewall(() => host.nowMs);
    await again.apply(
      held.map(({ target, remainingMs = 0 }) => host.block(target, { untilMs: host.nowMs + remainingMs })),
      [],
    );
    Object.assign(host, { firewall: again });
    await host.start();
    host.nowMs += 4 * SECOND_MS;
    await until('a check', () => host.enforcer.status().inForce === 1);
    expect(await again.targets()).toEqual([R, '198.51.100.8']);
    await host.snapshot(host.block(R));
    host.nowMs += 4 * SECOND_MS;
    await until('the stale entry to go', async () => (await again.targets()).join() === R);
    expect(host.enforcer.status()).toMatchObject({ armed: true, revision: 2, inForce: 1 });
  });
});

describe('a firewall that fails', () => {
  beforeEach(() => host.enforcer.arm('someone'));

  it('is told of once, block by block, until it works again', async () => {
    host.firewall.fault = () => refusal('FIREWALL_BUSY');
    await host.add(host.block(R));
    const [exception] = host.reports.at(-1)?.exceptions ?? [];
    expect(exception).toMatchObject({ id: `id of ${R}`, target: R, state: 'ineffective' });
    expect(exception?.reason).toMatch(/could not/);
    await host.add(host.block('198.51.100.8'));
    expect(host.reports.at(-1)).toMatchObject({ revision: 2, inForce: 0 });
    expect(host.notices.filter(({ action }) => action === 'firewall-ineffective')).toHaveLength(1);
    host.firewall.fault = undefined;
    await until('both blocks', async () => (await host.firewall.targets()).length === 2);
    await until('the report', () => host.reports.at(-1)?.exceptions.length === 0);
    expect(host.reports.at(-1)).toMatchObject({ revision: 2, inForce: 2 });
  });

  it('B09: keeps what was in force when a batch fails', async () => {
    await host.add(host.block('2001:db8:1::/64'));
    await host.add(host.block('2001:db8:1::5'));
    host.firewall.fault = () => refusal('FIREWALL_REFUSED');
    await host.remove('id of 2001:db8:1::/64');
    expect(await host.firewall.targets()).toEqual(['2001:db8:1::/64', '2001:db8:1::5']);
    host.firewall.fault = undefined;
    await until('the lift', async () => (await host.firewall.targets()).join() === '2001:db8:1::5');
  });

  it('gets small batches where it takes no larger', async () => {
    host.firewall.fault = (changes) => (changes > 2_000 ? refusal('FIREWALL_BATCH_TOO_LARGE') : undefined);
    const many = Array.from({ length: 4_500 }, (_, i) => host.block(`198.51.${100 + (i >> 8)}.${i & 255}`));
    await host.snapshot(...many);
    expect(await host.firewall.targets()).toHaveLength(4_500);
    await host.snapshot();
    expect(await host.firewall.targets()).toEqual([]);
    expect(host.firewall.batches).toEqual([2_000, 2_000, 500, 2_000, 2_000, 500]);
  });
});

it('reports again when the centre was away', async () => {
  host.isCentreAway = true;
  await host.enforcer.arm('someone');
  expect(host.reports.at(-1)?.armed).not.toBe(true);
  host.isCentreAway = false;
  await until('the report', () => host.reports.at(-1)?.armed === true);
});

describe('E09: a clock that jumps', () => {
  beforeEach(async () => {
    await host.enforcer.arm('someone');
    await host.add(
      host.block(R, { untilMs: T + 2 * HOUR_MS }),
      host.block('198.51.100.8', { untilMs: T + 7 * HOUR_MS }),
    );
  });
  /** A check began and ended: a session that was not there before was seen. */
  const checked = async (probe: string) => {
    host.facts.sessions = [probe];
    await until('a check', () => host.enforcer.refusal(probe) !== undefined);
    await host.add();
  };

  it.each([
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
  ])('%s lifts nothing that is not over', async (_what, stepMs) => {
    host.nowMs += stepMs;
    await checked('198.51.100.98');
    expect(await host.firewall.targets()).toEqual(expect.arrayContaining([R, '198.51.100.8']));
    host.nowMs -= stepMs;
    await checked('198.51.100.99');
    expect(await host.firewall.targets()).toEqual(expect.arrayContaining([R, '198.51.100.8']));
  });

  it('an hour back still sees who logs on', async () => {
    host.nowMs -= HOUR_MS;
    host.facts.sessions = [R];
    await until('the way to be free', async () => !(await host.firewall.targets()).includes(R));
  });

  it('after six hours of sleep, what is over goes although the kernel counted on, and the rest stays', async () => {
    host.nowMs += 6 * HOUR_MS;
    host.asleepMs = 6 * HOUR_MS;
    await until('what is over to go', async () => (await host.firewall.targets()).join() === '198.51.100.8');
    expect(host.reports.at(-1)).toMatchObject({ inForce: 1 });
  });
});

describe("blocks of the web's ports", () => {
  const entries = async () =>
    (await host.firewall.list()).map(({ target, ports }) => (ports ? `${target} ${ports}` : target)).sort();

  it('widen in one batch, and are told to the firewall again after a restart', async () => {
    await host.enforcer.arm('someone');
    await host.add(host.block(R, { ports: 'web' }));
    expect(await entries()).toEqual([`${R} web`]);
    expect(host.enforcer.holds(R)).toBe(true);
    const batches = host.firewall.batches.length;
    await host.add(host.block(R));
    expect(await entries()).toEqual([R]);
    expect(host.firewall.batches.slice(batches)).toEqual([2]);
    await host.add(host.block(R, { ports: 'web' }), host.block('192.0.2.9', { ports: 'web' }));
    expect(await entries()).toEqual(['192.0.2.9 web', `${R} web`]);
    await host.remove(`id of ${R}`);
    expect(await entries()).toEqual(['192.0.2.9 web']);
    await host.enforcer.stop();
    const stored = new DesiredBlocks(join(host.directory, 'desired.json'));
    await stored.load();
    expect([...stored.all()]).toMatchObject([{ target: '192.0.2.9', ports: 'web' }]);
  });

  it('stand beside one of all ports that ends before, and come back when somebody removed them', async () => {
    await host.enforcer.arm('someone');
    await host.add(host.block(R, { id: 'web', untilMs: T + 2 * HOUR_MS, ports: 'web' }), host.block(R, { id: 'all' }));
    expect(await entries()).toEqual([R, `${R} web`]);
    await host.firewall.remove();
    host.nowMs += MINUTE_MS;
    await until('both are back', async () => (await entries()).length === 2);
    host.nowMs = T + HOUR_MS;
    expect(await entries()).toEqual([`${R} web`]);
    await host.enforcer.disarm();
    expect(await entries()).toEqual([]);
  });
});
