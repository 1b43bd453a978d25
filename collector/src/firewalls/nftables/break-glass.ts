import { runNftSync } from './command/run-nft.js';
import { loadLibc } from './netlink/libc.js';
import { NetlinkSocket } from './netlink/socket.js';
import { removeTable } from './netlink/table.js';
import { TABLE } from './ruleset.js';

/**
 * Break glass: removes table `inet fleetwall` and with it every block, at once and without the service; nothing when
 * there is no such table. By netlink, or if that fails for whatever reason by `nft`. Throws FIREWALL_UNAVAILABLE or
 * FIREWALL_REFUSED when both fail.
 */
export function removeNftables(): void {
  try {
    removeByNetlink();
  } catch {
    runNftSync('remove the table', ['-f', '-'], `add table inet ${TABLE}\ndelete table inet ${TABLE}\n`);
  }
}

function removeByNetlink(): void {
  const libc = loadLibc();
  if (libc instanceof Error) throw libc;
  const socket = NetlinkSocket.open(libc);
  try {
    removeTable(socket);
  } finally {
    socket.close();
  }
}
