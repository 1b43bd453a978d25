import { setTimeout } from 'node:timers/promises';
import { firewallConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { CommandTable } from './command/table.js';
import { NftablesFirewall } from './firewall.js';
import { NetlinkTable } from './netlink/table.js';
import { enterNewNetworkNamespace } from './network-namespace.js';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

(isRoot ? describe : describe.skip)('nftables in a network namespace (needs root on Linux)', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterNewNetworkNamespace();
  });
  afterAll(() => leave());

  for (const [Table, many] of [
    [NetlinkTable, 100_000],
    [CommandTable, 20_000],
  ] as const) {
    const create = async () => ({
      firewall: new NftablesFirewall(new Table()),
      clock: Date.now,
      pass: (ms: number) => setTimeout(ms),
      dispose: async () => {
        const table = new NetlinkTable();
        await table.remove();
        table.close();
      },
    });
    firewallConformance(new Table().name, create, many);
  }
});
