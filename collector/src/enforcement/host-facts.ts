import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { canonicalAddress, parseNetwork } from '@fleetwall/core';
import { type Exemption, exemptAddress } from '@fleetwall/response';

/** Addresses this host cannot live without, read anew by {@link readHostFacts}. */
export interface HostFacts {
  own: string[];
  gateways: string[];
  resolvers: string[];
  /** Peers of live logon sessions. */
  sessions: string[];
}

/** Reads them from the system; what cannot be read is empty. Cheap enough for every few seconds. */
export function readHostFacts(): HostFacts {
  return {
    own: Object.values(networkInterfaces()).flatMap((entries) =>
      (entries ?? []).flatMap(({ address }) => canonical(address)),
    ),
    gateways: [...ipv4Gateways(textOf('/proc/net/route')), ...ipv6Gateways(textOf('/proc/net/ipv6_route'))],
    resolvers: resolversOf(textOf('/etc/resolv.conf')),
    sessions: sessionPeers(bytesOf('/run/utmp') ?? bytesOf('/var/run/utmp')),
  };
}

export function exemptionsOf(facts: HostFacts): { always: Exemption[]; sessions: Exemption[] } {
  const named = (addresses: readonly string[], reason: string) => addresses.map((address) => exact(address, reason));
  return {
    always: [
      ...named(facts.own, "the host's own address"),
      ...named(facts.gateways, "the host's gateway"),
      ...named(facts.resolvers, "the host's resolver"),
    ],
    sessions: facts.sessions.map((address) => exemptAddress(address, 'a live logon session comes from there')),
  };
}

/** Own addresses and routers are exempt by themselves: a whole /64 around them would shelter the neighbours. */
function exact(address: string, reason: string): Exemption {
  return { network: parseNetwork(address), reason };
}

/** `/proc/net/route`: the third column is the gateway, 32 bits in the machine's order as hex (proc_net_route, Linux). */
export function ipv4Gateways(table: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const gateway = line.split('\t')[2];
      if (gateway === undefined || !/^[0-9A-F]{8}$/.test(gateway) || gateway === '00000000') return [];
      return [
        gateway
          .match(/../g)!
          .reverse()
          .map((byte) => Number.parseInt(byte, 16))
          .join('.'),
      ];
    });
}

/** `/proc/net/ipv6_route`: the fifth column is the next hop, 32 hex digits. Link-local ones are exempt anyway. */
export function ipv6Gateways(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const hop = line.split(/ +/)[4];
    if (hop === undefined || !/^[0-9a-f]{32}$/.test(hop) || /^0+$/.test(hop)) return [];
    return canonical(hop.match(/.{4}/g)!.join(':'));
  });
}

/** resolv.conf(5): `nameserver ADDRESS`, an IPv6 one perhaps with a zone. */
export function resolversOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*nameserver\s+([^\s%]+)/.exec(line);
    return match ? canonical(match[1] as string) : [];
  });
}

const RECORD_BYTES = 384;
const USER_PROCESS = 7;

/** utmp(5), Linux on 64 bits: 384-byte records; type at 0, address at 348 as 16 bytes, IPv4 in the first four. */
export function sessionPeers(utmp: Buffer | undefined): string[] {
  const peers = new Set<string>();
  for (let at = 0; utmp && at + RECORD_BYTES <= utmp.length; at += RECORD_BYTES) {
    if (utmp.readInt16LE(at) !== USER_PROCESS) continue;
    const address = utmp.subarray(at + 348, at + 364);
    if (address.every((byte) => byte === 0)) continue;
    const isIpv4 = address.subarray(4).every((byte) => byte === 0);
    const text = isIpv4 ? [...address.subarray(0, 4)].join('.') : address.toString('hex').match(/.{4}/g)!.join(':');
    for (const peer of canonical(text)) peers.add(peer);
  }
  return [...peers];
}

function canonical(address: string): string[] {
  const text = canonicalAddress(address.split('%')[0] as string);
  return text === undefined ? [] : [text];
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  return bytesOf(path)?.toString('utf8') ?? '';
}
