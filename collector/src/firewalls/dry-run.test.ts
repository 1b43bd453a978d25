import { firewallConformance } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { DryRunFirewall } from './dry-run.js';

firewallConformance('dry-run', async () => {
  let nowMs = Date.UTC(2026, 10, 22);
  const clock = () => nowMs;
  const pass = async (ms: number) => {
    nowMs += ms;
  };
  return { firewall: new DryRunFirewall(clock), clock, pass, dispose: async () => {} };
});

describe('dry run', () => {
  it('says that it enforces nothing, and why', async () => {
    const firewall = new DryRunFirewall(Date.now, 'no right to change the firewall');
    expect(await firewall.capabilities()).toMatchObject({
      enforces: false,
      reason: 'no right to change the firewall',
    });
  });
});
