import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DesiredBlocks } from '@fleetwall/collector';
import { type Enforcement, TOPICS } from '@fleetwall/core';
import { type BlockUpdate, CLOSE_CODES } from '@fleetwall/protocol';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { blockOf, Site, T, until } from './gateway-site.js';

let site: Site;
afterEach(() => site.close());

/** A host's desired blocks, fed by an uplink. */
async function host(agent: string, more: Parameters<Site['uplink']>[1] = {}) {
  const desired = new DesiredBlocks(join(site.directory, `${agent}.json`));
  const updates: BlockUpdate[] = [];
  const uplink = site.uplink(await site.enrol(agent), more);
  uplink.onBlocks((update) => {
    updates.push(update);
    desired.update(update);
  });
  const targets = () => [...desired.all()].map(({ target }) => target).sort();
  const holds = (...wanted: string[]) =>
    until(`${agent} to hold ${wanted}`, () => targets().join() === [...wanted].sort().join());
  return { desired, updates, uplink, targets, holds };
}

const lifted = (target: string, version = 2) => blockOf(target, { state: 'lifted', version });

describe('blocks on their way to a host', () => {
  it('arrive as a snapshot and then as changes, of the own scopes alone', async () => {
    site = await Site.open();
    await site.publishEpoch('epoch-1', 1);
    await site.publishBlocks(
      blockOf('198.51.100.1', { term: 1 }),
      blockOf('198.51.100.2', { term: 1, scope: { type: 'tenant', id: 'acme' } }),
      blockOf('198.51.100.3', { term: 1, scope: { type: 'tenant', id: 'other' } }),
      blockOf('198.51.100.4', { term: 1, scope: { type: 'host', id: 'host-of-agent-1' } }),
    );
    await until('the gateway to have read them', () => site.pipeline.blocks.position.revision === 5);
    const one = await host('agent-1');
    await one.holds('198.51.100.1', '198.51.100.2', '198.51.100.4');
    expect(one.updates[0]).toMatchObject({ type: 'snapshot', epoch: 'epoch-1', revision: 5 });
    await site.publishBlocks(
      lifted('198.51.100.1'),
      blockOf('198.51.100.5', { term: 1, except: ['198.51.100.50'], cutSessions: true }),
    );
    // The lift brings no term, so it is of a writer of old.
    await one.holds('198.51.100.1', '198.51.100.2', '198.51.100.4', '198.51.100.5');
    expect(site.pipeline.blocks.stats.staleBlocks).toBe(1);
    await site.publishBlocks(blockOf('198.51.100.1', { term: 1, state: 'lifted', version: 2 }));
    await one.holds('198.51.100.2', '198.51.100.4', '198.51.100.5');
    expect([...one.desired.all()].find(({ target }) => target === '198.51.100.5')).toEqual({
      id: 'id of 198.51.100.5',
      target: '198.51.100.5',
      untilMs: T + 3_600_000,
      except: ['198.51.100.50'],
      cutSessions: true,
    });
  });

  it('records of a writer that is no longer the active one are passed over', async () => {
    site = await Site.open();
    await site.publishEpoch('epoch-1', 2);
    const one = await host('agent-1');
    await site.publishBlocks(blockOf('198.51.100.1', { term: 2 }), blockOf('198.51.100.2', { term: 1 }));
    await one.holds('198.51.100.1');
    await site.publishEpoch('epoch-1', 1);
    await site.publishBlocks(blockOf('198.51.100.3', { term: 3 }), blockOf('198.51.100.4', { term: 2 }));
    await one.holds('198.51.100.1', '198.51.100.3');
    expect(site.pipeline.blocks.stats.staleBlocks).toBe(3);
  });

  it('100,000 make one snapshot, applied whole, for two hosts at once', async () => {
    site = await Site.open();
    const many = Array.from({ length: 100_000 }, (_, n) => blockOf(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`));
    await site.publishBlocks(...many);
    await until('the gateway to have read them', () => site.pipeline.blocks.position.revision === 100_000);
    const hosts = [await host('agent-1'), await host('agent-2')];
    for (const { desired, updates } of hosts) {
      await until('the snapshot', () => updates.length > 0);
      expect(updates[0]).toMatchObject({ type: 'snapshot', revision: 100_000 });
      expect(desired.size).toBe(100_000);
    }
    await site.publishBlocks(lifted('10.0.0.7'));
    for (const { desired } of hosts) await until('the change', () => desired.size === 99_999);
  });

  it('a collector that reads slowly gets a fresh snapshot in the place of what it missed', async () => {
    site = await Site.open({ limits: { waitingBlockMessages: 5 } });
    const client = await site.welcomed(await site.enrol('agent-1'));
    await until('the first snapshot', () => client.of('snapshot.end').length === 1);
    client.ws.pause();
    const bulky = Array.from({ length: 3_000 }, (_, n) => `10.9.${n >> 8}.${n & 255}`);
    let n = 0;
    while (site.server.stats.resyncs === 0) {
      const except = bulky.slice(0, 1_000 + (n % 900));
      await site.publishBlocks(
        ...Array.from({ length: 200 }, () => blockOf(`10.1.${n >> 8}.${n++ & 255}`, { except })),
      );
      await new Promise((done) => setTimeout(done, 60));
    }
    client.ws.resume();
    await until('the fresh snapshot', () => client.of('snapshot.end').length > 1, 20_000);
    expect(client.of('snapshot.end').at(-1)).toEqual({ type: 'snapshot.end', count: n });
  });
});

describe('C09: blocks that a host holds already', () => {
  it('stay while the gateway is away or refuses the connection', async () => {
    site = await Site.open();
    await site.publishBlocks(blockOf('198.51.100.1'));
    const one = await host('agent-1');
    await one.holds('198.51.100.1');
    site.revoke('agent-1');
    await until('the refusal', () => one.uplink.status().lastError?.code === 'UPLINK_REFUSED');
    expect(one.uplink.status().lastError?.message).toContain('(4');
    expect(one.uplink.status().lastError?.hint).toContain('credential');
    await until('the 401', () => one.uplink.status().lastError?.message.includes('(401)') === true);
    expect(site.server.stats.revoked).toBe(1);
    expect(one.targets()).toEqual(['198.51.100.1']);
  });

  it('stay while a gateway has read less of the same epoch, and change when it has caught up', async () => {
    site = await Site.open();
    await site.publishEpoch('epoch-1', 1);
    await site.publishBlocks(blockOf('198.51.100.1', { term: 1 }), blockOf('198.51.100.2', { term: 1 }));
    await until('the gateway to have read them', () => site.pipeline.blocks.position.revision === 3);
    const one = await host('agent-1');
    await one.holds('198.51.100.1', '198.51.100.2');
    // Another gateway that has read only the first block yet.
    const { port } = site.server;
    await site.stopGateway();
    const whole = site.bus;
    site.bus = createMemoryBus();
    await site.bus.declare([{ name: TOPICS.blocks, partitions: 1 }]);
    await site.publishEpoch('epoch-1', 1);
    await site.publishBlocks(blockOf('198.51.100.1', { term: 1 }));
    await site.startGateway({}, port);
    await until('the connection', () => one.uplink.stats.connects === 2 && one.uplink.status().connected);
    await site.publishBlocks(blockOf('198.51.100.2', { term: 1 }));
    await until('it to have caught up', () => one.updates.length === 2);
    expect(one.updates[1]).toMatchObject({ type: 'snapshot', revision: 3 });
    await site.publishBlocks(blockOf('198.51.100.1', { term: 1, state: 'lifted', version: 2 }));
    await one.holds('198.51.100.2');
    await whole.close();
  });

  it('a snapshot that is older is not taken, whoever sends it; one of another epoch is', async () => {
    site = await Site.open();
    await site.publishEpoch('epoch-1', 1);
    await site.publishBlocks(blockOf('198.51.100.1', { term: 1 }));
    await until('the gateway to have read them', () => site.pipeline.blocks.position.revision === 2);
    const one = await host('agent-1', { holds: { epoch: 'epoch-0', revision: 900 } });
    await one.holds('198.51.100.1');
    const ahead = await host('agent-2', { holds: { epoch: 'epoch-1', revision: 900 } });
    await until('a connection', () => ahead.uplink.status().connected);
    await site.publishBlocks(blockOf('198.51.100.2', { term: 1 }));
    await one.holds('198.51.100.1', '198.51.100.2');
    expect(ahead.updates).toEqual([]);
    await site.publishEpoch('epoch-2', 2);
    await ahead.holds('198.51.100.1', '198.51.100.2');
  });
});

describe('what a host did about its blocks', () => {
  it('reaches the topic with host and epoch, the latest after a reconnect, at most one a second', async () => {
    site = await Site.open();
    await site.publishEpoch('epoch-1', 1);
    await until('the gateway to have read it', () => site.pipeline.blocks.position.epoch !== undefined);
    const one = await host('agent-1');
    await until('the snapshot', () => one.updates.length === 1);
    const report = (revision: number): Enforcement => ({
      ...{ host: 'forged', armed: true, firewall: 'nftables', revision, inForce: 3, atMs: T },
      exceptions: [{ id: 'x', target: '198.51.100.1', state: 'refused', reason: 'own address'.repeat(200) }],
    });
    const told: Record<string, unknown>[] = [];
    const follower = await site.bus.follow({
      topic: TOPICS.enforcement,
      onRecord: ({ value }) => void told.push(JSON.parse(value.toString('utf8'))),
    });
    for (let revision = 1; revision <= 50; revision++) await one.uplink.report(report(revision));
    await until('the last report', () => told.at(-1)?.['revision'] === 50);
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.at(-1)).toMatchObject({ host: 'host-of-agent-1', epoch: 'epoch-1', inForce: 3 });
    site.server.cut('agent-1');
    await until('it to be told again', () => one.uplink.stats.connects === 2 && told.length >= 2);
    await follower.stop();
  });
});

it('a bad file of credentials keeps those before it; a changed row ends its connection', async () => {
  site = await Site.open();
  const client = await site.welcomed(await site.enrol('agent-1', 'web-01'));
  const before = readFileSync(site.credentialsPath, 'utf8');
  site.writeCredentials('- agent: agent-1\n  host: web-01\n  tenant: [acme\n');
  await until('the fault to be told', () => site.problems.some((problem) => problem.includes('credentials.yml')));
  expect(site.server.connections()).toHaveLength(1);
  site.writeCredentials(before.replace('"acme"', '"other"'));
  expect(await client.closed()).toBe(CLOSE_CODES.CREDENTIAL_REVOKED);
});
