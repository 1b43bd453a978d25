import { contains, embeddedIpv4, type Network, parseNetwork } from './address.js';
import type { FleetEvent } from './event.js';

/**
 * Whose an address is, as tables say that others keep. It tells people where to look, and proves nothing: no rule, no
 * policy and no block may depend on it. What is not known is absent.
 */
export interface Origin {
  /** ISO 3166-1 alpha-2, `NL`. */
  country?: string;
  /** Number of the autonomous system that announces it, 1 to 4,294,967,295. */
  asNumber?: number;
  /** What the system's owner calls itself; anyone may register any name. At most 200 characters. */
  asName?: string;
  /** What the address is instead of one on the Internet: `private`, `documentation`. */
  special?: string;
}

/** Who made a table, and wants to be named where it is shown. */
export interface OriginSource {
  name: string;
  url: string;
}

/** Port. */
export interface Origins {
  /**
   * Of an address or network: of a network what is known to hold for all of it. Never throws; nothing is known of a text
   * that is no address.
   */
  of(target: string): Origin;
  /** Whom to name, each once. */
  sources(): OriginSource[];
}

/**
 * Blocks that are not of the Internet, the most special first: the registries of IANA
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry) and multicast.
 */
const SPECIAL: readonly (readonly [Network, string])[] = (
  [
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0/8', 'unspecified'],
    ['10.0.0.0/8', 'private'],
    ['100.64.0.0/10', 'carrier NAT'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['172.16.0.0/12', 'private'],
    ['192.0.0.0/24', 'protocol assignment'],
    ['192.0.2.0/24', 'documentation'],
    ['192.168.0.0/16', 'private'],
    ['198.18.0.0/15', 'benchmarking'],
    ['198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', 'documentation'],
    ['224.0.0.0/4', 'multicast'],
    ['240.0.0.0/4', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['64:ff9b:1::/48', 'private'],
    ['100::/64', 'discard'],
    ['2001:2::/48', 'benchmarking'],
    ['2001:db8::/32', 'documentation'],
    ['3fff::/20', 'documentation'],
    ['5f00::/16', 'segment routing'],
    ['fc00::/7', 'private'],
    ['fe80::/10', 'link-local'],
    ['fec0::/10', 'private'],
    ['ff00::/8', 'multicast'],
  ] as const
).map(([network, what]) => [parseNetwork(network), what] as const);

/** Of IPv6 only this much has been given out (RFC 4291 2.4), besides the addresses that carry IPv4. */
const GIVEN_OUT = parseNetwork('2000::/3');

/** What an address is that is not of the Internet, or a network all of which is not; undefined for those that are. */
export function specialOf(network: Network): string | undefined {
  const carried = embeddedIpv4(network);
  if (carried !== undefined) return specialOf(parseNetwork(carried));
  const found = SPECIAL.find(([special]) => contains(special, network));
  if (found) return found[1];
  return network.family === 6 && network.prefix >= 3 && !contains(GIVEN_OUT, network) ? 'reserved' : undefined;
}

/** The fields of an event that {@link withOrigin} writes, and nobody else. */
export const ORIGIN_FIELDS = [
  'source.geo.country_iso_code',
  'source.as.number',
  'source.as.organization.name',
] as const;

/**
 * The event with the origin of its source, as ECS names it. What a sender wrote into these fields is dropped: they mean
 * the same in every event, whoever sent it.
 */
export function withOrigin(event: FleetEvent, origins: Pick<Origins, 'of'>): FleetEvent {
  const address: unknown = event['source.ip'];
  const { country, asNumber, asName } = typeof address === 'string' ? origins.of(address) : {};
  const named = { ...event };
  // Only where it is there: objects that something was deleted from are slow.
  for (const field of ORIGIN_FIELDS) if (field in named) delete named[field];
  if (country !== undefined) named['source.geo.country_iso_code'] = country;
  if (asNumber !== undefined) named['source.as.number'] = asNumber;
  if (asName !== undefined) named['source.as.organization.name'] = asName;
  return named;
}
