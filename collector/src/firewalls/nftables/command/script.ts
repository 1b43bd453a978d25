import { DEFAULT_WEB_PORTS, networkOf, networkText } from '@fleetwall/core';
import type { Batch, Target, TimedTarget } from '../../batch.js';
import {
  type BlockSet,
  bitsOf,
  CHAIN,
  COUNTER,
  groupBySet,
  maskOf,
  PRIORITY,
  TABLE,
  WEB_CHAIN,
  webRules,
} from '../ruleset.js';

/** The table of ruleset.ts in the language of `nft`, whatever is there of it. */
export function rulesetScript(
  sets: Iterable<BlockSet>,
  replaceChain: boolean,
  webPorts: readonly number[] = DEFAULT_WEB_PORTS,
): string {
  const lines = [`add table inet ${TABLE}`, `add counter inet ${TABLE} ${COUNTER}`];
  for (const { name, family } of sets) {
    lines.push(`add set inet ${TABLE} ${name} { type ipv${family}_addr; flags timeout; }`);
  }
  if (replaceChain) lines.push(`flush chain inet ${TABLE} ${CHAIN}`, `delete chain inet ${TABLE} ${CHAIN}`);
  const hook = `type filter hook prerouting priority ${PRIORITY}; policy accept;`;
  lines.push(`add chain inet ${TABLE} ${CHAIN} { ${hook} }`, `flush chain inet ${TABLE} ${CHAIN}`);
  if ([...sets].some(({ ports }) => ports === 'web')) {
    lines.push(`add chain inet ${TABLE} ${WEB_CHAIN}`, `flush chain inet ${TABLE} ${WEB_CHAIN}`);
    for (const { protocol, port } of webRules(webPorts)) {
      lines.push(`add rule inet ${TABLE} ${WEB_CHAIN} ${protocol} dport ${port} counter name ${COUNTER} drop`);
    }
  }
  for (const set of sets) {
    const source = set.family === 4 ? 'ip saddr' : 'ip6 saddr';
    const masked = set.prefix < bitsOf(set.family) ? `${source} & ${addressText(set.family, maskOf(set))}` : source;
    const verdict = set.ports === 'web' ? `jump ${WEB_CHAIN}` : `counter name ${COUNTER} drop`;
    lines.push(`add rule inet ${TABLE} ${CHAIN} ${masked} @${set.name} ${verdict}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Add, delete, add; the reason stands at `writeChange` of netlink/messages.ts. Targets were read, never passed through. */
export function changeScript({ add, remove }: Batch): string {
  const lines: string[] = [];
  const elements = (verb: string, targets: (Target | TimedTarget)[], timed: boolean) => {
    for (const [set, group] of groupBySet(targets)) {
      const list = group.map((target) => elementText(target, timed)).join(',');
      lines.push(`${verb} element inet ${TABLE} ${set.name} { ${list} }`);
    }
  };
  elements('add', [...add, ...remove], false);
  elements('delete', [...add, ...remove], false);
  elements('add', add, true);
  return `${lines.join('\n')}\n`;
}

/** The first address of a target: what its set holds. */
export function elementText(target: Target | TimedTarget, timed = false): string {
  const address = addressText(target.family, target.first);
  if (!timed || !('timeoutMs' in target)) return address;
  const seconds = Math.floor(target.timeoutMs / 1000);
  return `${address} timeout ${Math.floor(seconds / 86_400)}d${seconds % 86_400}s${target.timeoutMs % 1000}ms`;
}

function addressText(family: 4 | 6, address: bigint): string {
  return networkText(networkOf(family, address, bitsOf(family)));
}
