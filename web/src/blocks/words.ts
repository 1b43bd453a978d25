import type { Block, Enforcement } from '../api/types.js';
import { counted, countOf } from '../parts/numbers.js';

/** The states of a block as people read them. */
export const STATE_WORDS: Record<Block['state'], string> = {
  active: 'In force',
  held: 'Held',
  lifted: 'Lifted',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
  'dry-run': 'Report only',
};

const EXCEPTION_WORDS = { ineffective: 'ineffective', refused: 'refused', behind: 'behind', disarmed: 'disarmed' };

/** `Blocked on 812 of 815 hosts; 2 behind, 1 ineffective: the firewall is off`. The parts add up. */
export function enforcementText({ hosts, inForce, exceptions }: Enforcement): string {
  if (hosts === 0) return 'Unknown where: no host has told yet';
  const head = `Blocked on ${counted(inForce)} of ${countOf(hosts, 'host')}`;
  const kinds = (Object.keys(EXCEPTION_WORDS) as (keyof typeof EXCEPTION_WORDS)[]).flatMap((state) => {
    const those = exceptions.filter((exception) => exception.state === state);
    if (those.length === 0) return [];
    const reasons = new Set(those.map(({ reason }) => reason).filter((reason) => reason !== ''));
    const why = reasons.size === 1 ? `: ${[...reasons][0]}` : '';
    return [`${counted(those.length)} ${EXCEPTION_WORDS[state]}${why}`];
  });
  const told = inForce + exceptions.length;
  if (told < hosts) kinds.push(`${counted(hosts - told)} unknown`);
  return kinds.length === 0 ? head : `${head}; ${kinds.join(', ')}`;
}

/** The same in the width of a column: `812 / 815`. */
export function enforcementBrief({ hosts, inForce }: Enforcement): string {
  return hosts === 0 ? 'unknown' : `${counted(inForce)} / ${counted(hosts)}`;
}

/** `fleet-wide`, `tenant acme`, `web-01 only`. */
export function scopeText(scope: string): string {
  const [kind, name] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
  if (kind === 'tenant') return `tenant ${name}`;
  return kind === 'host' ? `${name} only` : 'fleet-wide';
}

/** Why, in one line. */
export function reasonText({ reasons, hiddenReasons }: Pick<Block, 'reasons' | 'hiddenReasons'>): string {
  const [first] = reasons;
  const more = reasons.length - 1 + hiddenReasons;
  if (!first) return hiddenReasons > 0 ? `${countOf(hiddenReasons, 'reason')} (hidden)` : 'unknown';
  const text = first.type === 'person' ? `By hand: ${first.comment}` : first.summary;
  return more > 0 ? `${text} (+${counted(more)})` : text;
}

/** The rule, or the person. */
export function authorOf({ reasons, hiddenReasons }: Pick<Block, 'reasons' | 'hiddenReasons'>): string {
  const [first] = reasons;
  if (!first) return hiddenReasons > 0 ? 'hidden' : 'unknown';
  return first.type === 'person' ? first.by : first.rule;
}
