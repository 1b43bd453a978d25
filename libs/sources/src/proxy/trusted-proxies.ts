import { type Network, networkText, parseNetwork } from '@fleetwall/core';

const MAX_CACHED = 4_096;

/** Proxies whose word about the client before them is believed: networks, asked of address by address. */
export class TrustedProxies {
  readonly networks: readonly Network[];
  /** The networks of each family, in order, none inside another. */
  readonly #sorted: Readonly<Record<4 | 6, readonly Network[]>>;
  /** The same few proxies come again and again, and reading an address costs more than finding it here. */
  readonly #known = new Map<string, boolean>();

  constructor(networks: readonly Network[]) {
    this.networks = networks;
    this.#sorted = { 4: sortedApart(networks, 4), 6: sortedApart(networks, 6) };
  }

  /** Throws ADDRESS_INVALID on a text that is no network. */
  static of(...texts: readonly string[]): TrustedProxies {
    return new TrustedProxies(texts.map(parseNetwork));
  }

  get isEmpty(): boolean {
    return this.networks.length === 0;
  }

  /** @param address canonical */
  has(address: string): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const found = this.#find(parseNetwork(address));
    if (this.#known.size >= MAX_CACHED) this.#known.clear();
    this.#known.set(address, found);
    return found;
  }

  /** The last network that begins at or before the address holds it, or none does. */
  #find({ family, first }: Network): boolean {
    const networks = this.#sorted[family];
    let low = 0;
    let high = networks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((networks[middle] as Network).first <= first) low = middle + 1;
      else high = middle;
    }
    const candidate = networks[low - 1];
    return candidate !== undefined && first <= candidate.last;
  }

  toString(): string {
    return this.networks.map(networkText).join(', ');
  }
}

function sortedApart(networks: readonly Network[], family: 4 | 6): Network[] {
  const ofFamily = networks.filter((network) => network.family === family);
  ofFamily.sort((a, b) => (a.first === b.first ? a.prefix - b.prefix : a.first < b.first ? -1 : 1));
  const apart: Network[] = [];
  for (const network of ofFamily) {
    const before = apart.at(-1);
    if (before === undefined || network.last > before.last) apart.push(network);
  }
  return apart;
}
