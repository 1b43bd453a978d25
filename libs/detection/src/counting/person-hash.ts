/** A seeded 32-bit hash of text parts (murmur3's mixing over UTF-16 units). The seed is secret; 0 means "nobody". */
export function personHash(seed: number, ...parts: readonly string[]): number {
  let h = seed | 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) h = mix(h, part.charCodeAt(i));
    h = mix(h, 0x1f0000);
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0 || 1;
}

function mix(h: number, unit: number): number {
  let k = Math.imul(unit, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = h ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The hash of the person an observation is about; several rules ask for the same one in turn. */
export class PersonHasher {
  readonly #seed: number;
  #tenant = '';
  #address = '';
  #account = '';
  #hash = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#hash = personHash(seed, '', '', '');
  }

  hash(tenant: string, address: string, account: string): number {
    if (address !== this.#address || account !== this.#account || tenant !== this.#tenant) {
      this.#tenant = tenant;
      this.#address = address;
      this.#account = account;
      this.#hash = personHash(this.#seed, tenant, address, account);
    }
    return this.#hash;
  }

  onHost(person: number, host: string): number {
    return personHash(this.#seed, String(person), host);
  }
}
