import type { Block, Enforcement } from '../api/types.js';
import { counted, countOf } from '../parts/numbers.js';

/** The states of a block as people read them. */
export const STATE_WORDS: Record<Block['state'], string> = {
  active: 'In force',
  held: 'Held',
  lifted: 'Lifted',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
  'too-late': 'Would have blocked',
  'dry-run': 'Report only',
};

/** A block that was ordered and that no host enforces is not told as one in force. */
export function stateText({
  state,
  enforcement: { hosts, inForce, disarmed },
}: Pick<Block, 'state' | 'enforcement'>): string {
  if (state !== 'active' || hosts === 0 || inForce > 0) return STATE_WORDS[state];
  return disarmed === hosts ? 'Report only' : 'In force nowhere';
}

const PARTS = ['refused', 'ineffective', 'behind', 'disarmed'] as const;
const PART_WORDS = { refused: 'refused', ineffective: 'ineffective', behind: 'not told yet', disarmed: 'report only' };

/** `Blocked on 812 of 815 hosts; 1 ineffective: the firewall is off, 2 not told yet`. The parts add up. */
export function enforcementText(enforcement: Enforcement): string {
  const { hosts, inForce, exceptions } = enforcement;
  if (hosts === 0) return 'Unknown where: no host has told yet';
  const parts = PARTS.flatMap((part) => {
    if (enforcement[part] === 0) return [];
    const reasons = new Set(exceptions.flatMap(({ state, reason }) => (state === part && reason ? [reason] : [])));
    return [`${counted(enforcement[part])} ${PART_WORDS[part]}${reasons.size === 1 ? `: ${[...reasons][0]}` : ''}`];
  });
  const head = `Blocked on ${counted(inForce)} of ${countOf(hosts, 'host')}`;
  return parts.length === 0 ? head : `${head}; ${parts.join(', ')}`;
}

/** The same in the width of a column: `812 / 815`. */
export function enforcementBrief({ hosts, inForce }: Enforcement): string {
  return hosts === 0 ? 'unknown' : `${counted(inForce)} / ${counted(hosts)}`;
}

/** Where a block would reach: `815 hosts; 3 hosts only report`. */
export function hostsText(hosts: readonly { armed: boolean }[]): string {
  const disarmed = hosts.filter(({ armed }) => !armed).length;
  return `${countOf(hosts.length, 'host')}${disarmed > 0 ? `; ${countOf(disarmed, 'host')} only report` : ''}`;
}

/** `fleet-wide`, `tenant acme`, `web-01 only`. */
export function scopeText(scope: string): string {
  const [kind, name] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
  if (kind === 'tenant') return `tenant ${name}`;
  return kind === 'host' ? `${name} only` : 'fleet-wide';
}

/** With the scope: `, web ports only`. All ports need no word. */
export function portsText({ ports }: Pick<Block, 'ports'>): string {
  return ports === 'web' ? ', web ports only' : '';
}

/** Scope and ports: `fleet-wide, web ports only`. */
export function reachText(block: Pick<Block, 'scope' | 'ports'>): string {
  return `${scopeText(block.scope)}${portsText(block)}`;
}

/** Why, in one line. */
export function reasonText({ reasons, hiddenReasons }: Pick<Block, 'reasons' | 'hiddenReasons'>): string {
  const [first] = reasons;
  const more = reasons.length - 1 + hiddenReasons;
  if (!first) return hiddenReasons > 0 ? `${countOf(hiddenReasons, 'reason')} (hidden)` : 'unknown';
  const head = first.type === 'person' && first.listed ? 'Denylist' : 'By hand';
  const text = first.type === 'person' ? `${head}: ${first.comment}` : first.summary;
  return more > 0 ? `${text} (+${counted(more)})` : text;
}

/** The rule, or the person. */
export function authorOf({ reasons, hiddenReasons }: Pick<Block, 'reasons' | 'hiddenReasons'>): string {
  const [first] = reasons;
  if (!first) return hiddenReasons > 0 ? 'hidden' : 'unknown';
  return first.type === 'person' ? first.by : first.rule;
}
