import { canonicalAddress, contains, type EvidenceClass, type Network, parseNetwork } from '@fleetwall/core';
import type { LineSender } from '../input.js';

export type Transport = 'udp' | 'tcp' | 'tls';

/** A device, or a network of them, whose messages are taken. */
export interface SenderOptions {
  /** Address or network. */
  from: string;
  /** Name of the host whose events they are; the sender's address when absent. */
  host?: string;
  /** What its messages prove at best. */
  evidence?: EvidenceClass;
}

/** Addresses remembered, so that a busy device is looked up once. */
const MAX_REMEMBERED = 10_000;

/** Who may send, and as which host: by the peer's address alone, never by what a message says. */
export class Senders {
  readonly #known: { network: Network; host: string | undefined; evidence: EvidenceClass }[];
  readonly #remembered = new Map<string, LineSender | undefined>();

  /** The narrowest network that holds an address counts. */
  constructor(options: readonly SenderOptions[]) {
    this.#known = options
      .map(({ from, host, evidence = 'unauthenticated' }) => ({ network: parseNetwork(from), host, evidence }))
      .sort((a, b) => b.network.prefix - a.network.prefix);
  }

  /** Undefined for strangers. Anyone can write any address into a datagram, so over UDP nothing is proven. */
  of(peer: string, transport: Transport): LineSender | undefined {
    const key = `${transport} ${peer}`;
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const sender = this.#find(peer, transport);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, sender);
    return sender;
  }

  #find(peer: string, transport: Transport): LineSender | undefined {
    const address = canonicalAddress(peer);
    if (address === undefined) return undefined;
    const network = parseNetwork(address);
    const known = this.#known.find((candidate) => contains(candidate.network, network));
    if (known === undefined) return undefined;
    return { host: known.host ?? address, evidence: transport === 'udp' ? 'unauthenticated' : known.evidence };
  }
}
