import {
  type BlockScope,
  contains,
  embeddedIpv4,
  type Network,
  networkOf,
  networkText,
  overlaps,
  parseNetwork,
  subtract,
} from '@fleetwall/core';
import { responseError } from './errors.js';

/** A network that must stay reachable, and why. */
export interface Exemption {
  network: Network;
  /** In words, for the one who asked: `loopback`, `allowlist: office (expires …)`. */
  reason: string;
  /** The entry of the allowlist that says so, by its id there. */
  entry?: string;
  /** Fleet members are exempt from fleet and tenant scope only: one that attacks is blocked by those it attacks. */
  onlyBeyondHost?: boolean;
}

export interface RailLimits {
  /** The widest network that may be blocked, in bits: 24 refuses anything wider than a /24. */
  widestIpv4Prefix: number;
  widestIpv6Prefix: number;
}

export const DEFAULT_LIMITS: RailLimits = { widestIpv4Prefix: 24, widestIpv6Prefix: 48 };

export type Verdict = { allowed: true; except: string[] } | { allowed: false; reason: string };

/** Special-purpose addresses that no attack can come from (RFC 6890), or whose loss cuts the host off itself. */
const SPECIAL: readonly Exemption[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved and broadcast'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
].map(([network, reason]) => ({ network: parseNetwork(network as string), reason: reason as string }));

/**
 * Whether a target may be blocked. Intersections count: a network that only touches an exemption is let through with
 * the exempt part named; one that lies inside an exemption is refused. Decided at the centre and again on every host.
 */
export function judge(
  target: Network,
  scope: BlockScope['type'],
  exemptions: readonly Exemption[],
  limits: RailLimits = DEFAULT_LIMITS,
): Verdict {
  const widest = target.family === 4 ? limits.widestIpv4Prefix : limits.widestIpv6Prefix;
  if (target.prefix < widest)
    return { allowed: false, reason: `a /${target.prefix} is wider than the limit of /${widest}` };
  const carried = embeddedIpv4(target);
  if (carried !== undefined) {
    const inner = judge(parseNetwork(carried), scope, exemptions, limits);
    if (!inner.allowed) return { allowed: false, reason: `it carries ${carried}: ${inner.reason}` };
  }
  const except: Network[] = [];
  for (const exemption of [...SPECIAL, ...exemptions]) {
    if (exemption.onlyBeyondHost && scope === 'host') continue;
    if (contains(exemption.network, target)) return { allowed: false, reason: exemption.reason };
    if (overlaps(exemption.network, target)) except.push(exemption.network);
  }
  return { allowed: true, except: except.map(networkText) };
}

/** The entries of the allowlist that keep a target, or a part of it, from being blocked. */
export function shelteredBy(target: string, exemptions: readonly Exemption[]): string[] {
  const network = parseNetwork(target);
  return exemptions.flatMap((exemption) =>
    exemption.entry !== undefined && overlaps(exemption.network, network) ? [exemption.entry] : [],
  );
}

/** The target without its exceptions: what a firewall is given. */
export function pieces(target: string, except: readonly string[]): string[] {
  let rest = [parseNetwork(target)];
  for (const text of except) rest = rest.flatMap((network) => subtract(network, parseNetwork(text)));
  return rest.map(networkText);
}

/** Wider networks belong to no one owner: such an exemption would end all blocking by a slip of the hand. */
const WIDEST_EXEMPTION = { 4: 8, 6: 16 } as const;

/** What an entry of the allowlist shelters. Throws ADDRESS_INVALID or ALLOW_REFUSED. */
export function exemptTarget(target: string, reason: string): Exemption {
  const network = parseNetwork(target);
  const widest = WIDEST_EXEMPTION[network.family];
  if (network.prefix < widest) throw responseError('ALLOW_REFUSED', { target: networkText(network), widest });
  return networkText(network).includes('/') ? { network, reason } : exemptAddress(target, reason);
}

/** An exemption of a single address: an IPv6 one exempts its /64, since that is what would be blocked. */
export function exemptAddress(address: string, reason: string): Exemption {
  const network = parseNetwork(address);
  const wide = network.family === 6 && network.prefix > 64 ? networkOf(6, network.first, 64) : network;
  return { network: wide, reason };
}
