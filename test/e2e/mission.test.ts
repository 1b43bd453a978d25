import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../scripts/local-cluster.mjs';
import { type Host, missing, RealFleet } from './real-fleet.mjs';

const why = missing();
const ATTACKER = '198.51.100.7';
const LATER = '198.51.100.8';

/**
 * Six hosts with a real sshd each, Kafka, Elasticsearch, and every service as a process of its own: one attacker fails
 * once on each of five hosts.
 */
(why === undefined ? describe : describe.skip)(`the mission${why === undefined ? '' : ` (${why})`}`, () => {
  let fleet: RealFleet;
  let sixth: Host;

  beforeAll(async () => {
    fleet = await RealFleet.start({
      hosts: 6,
      attackers: [ATTACKER, LATER],
      cluster: { services: { gateway: 1, correlation: 2, response: 2, indexer: 1 } },
    });
    sixth = fleet.hosts.at(-1) as Host;
  }, 180_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('the sixth host, never attacked, drops the first packet', async () => {
    for (const host of fleet.hosts.slice(0, 4)) await fleet.fail(ATTACKER, host);
    expect(fleet.hosts.map((host) => host.holds(ATTACKER))).toEqual(Array(6).fill(false));
    await fleet.fail(ATTACKER, fleet.hosts[4] as Host);
    await until('the block in the kernel of the sixth', () => sixth.holds(ATTACKER));
    expect(fleet.comesThrough(ATTACKER, sixth)).toBe(false);
    expect(fleet.comesThrough(LATER, sixth)).toBe(true);
  }, 60_000);

  it('the alert with its five lines stands in Elasticsearch', async () => {
    const alert = await until('the alert', async () => {
      const { hits } = await fleet.cluster.search('fleetwall-alerts/_search', { size: 100 });
      const sources = (hits.hits as { _source: unknown }[]).map(({ _source }) => JSON.stringify(_source));
      return sources.find((text) => text.includes(ATTACKER) && text.includes('fast-brute-force'));
    });
    for (const { name } of fleet.hosts.slice(0, 5)) expect(alert).toContain(name);
    const lines = await until('the five lines', async () => {
      const { blocks } = await fleet.cluster.control('GET', `why/${ATTACKER}`);
      const told = (blocks[0]?.reasons[0]?.evidence ?? []) as { host: string; line: string }[];
      return told.length >= 5 && told.every(({ line }) => line.includes('Failed password')) ? told : undefined;
    });
    expect(new Set(lines.map(({ host }) => host)).size).toBe(5);
    for (const { line } of lines) expect(line).toContain(`from ${ATTACKER} port`);
  }, 60_000);

  it('a collector that was away finds the block in force before its host serves again', async () => {
    await sixth.collector.kill();
    // The host starts again: nothing is left of its firewall.
    sixth.nft('delete', 'table', 'inet', 'fleetwall');
    expect(fleet.comesThrough(ATTACKER, sixth)).toBe(true);
    for (const host of fleet.hosts.slice(0, 5)) await fleet.fail(LATER, host);
    await until('the other block', () => fleet.hosts[0]?.holds(LATER));
    await sixth.startCollector();
    expect([fleet.comesThrough(ATTACKER, sixth), fleet.comesThrough(LATER, sixth)]).toEqual([false, false]);
  }, 90_000);

  it('a lift lets the address through everywhere', async () => {
    await fleet.cluster.control('POST', 'unblock', { target: ATTACKER, by: 'test', comment: 'test' });
    await until('the lift in every kernel', () => fleet.hosts.every((host) => !host.holds(ATTACKER)), 10_000);
    expect(fleet.hosts.map((host) => fleet.comesThrough(ATTACKER, host))).toEqual(Array(6).fill(true));
    expect(fleet.comesThrough(LATER, sixth)).toBe(false);
  }, 60_000);
});
