import { type Clock, DEFAULT_WEB_PORTS, type Firewall } from '@fleetwall/core';
import { DryRunFirewall } from './dry-run.js';
import { CommandTable } from './nftables/command/table.js';
import { NftablesFirewall } from './nftables/firewall.js';
import { loadLibc } from './nftables/netlink/libc.js';
import { NetlinkTable } from './nftables/netlink/table.js';

export { DryRunFirewall } from './dry-run.js';
export { FIREWALL_ERRORS } from './errors.js';
export { removeNftables } from './nftables/break-glass.js';

/** `auto` is the host's own firewall, or a dry run that says why where none can be used. */
export type FirewallKind = 'auto' | 'nftables' | 'dry-run';

/**
 * Opens the firewall without changing anything. What it can do, and why it cannot, its `capabilities` tell.
 *
 * @param webPorts those that a block for the web's ports closes
 */
export async function openFirewall(
  kind: FirewallKind,
  clock: Clock = Date.now,
  webPorts: readonly number[] = DEFAULT_WEB_PORTS,
): Promise<Firewall> {
  if (kind === 'dry-run') return new DryRunFirewall(clock);
  const table = loadLibc() instanceof Error ? new CommandTable(webPorts) : new NetlinkTable(webPorts);
  const firewall = new NftablesFirewall(table, clock);
  if (kind === 'nftables') return firewall;
  const { enforces, reason } = await firewall.capabilities();
  if (enforces) return firewall;
  await firewall.close();
  return new DryRunFirewall(clock, reason);
}
