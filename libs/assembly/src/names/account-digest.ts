import { createHmac } from 'node:crypto';
import { Recent } from '@fleetwall/core';

/** Digests remembered by name; whoever is attacked hears the same names again and again. */
const MAX_REMEMBERED = 10_000;
/** 48 bits: among 100,000 names two are alike at 2 in 100,000. */
const DIGEST_CHARS = 12;
const VARIANT_CHARS = 4;

/** A mask, as it stands where the name was. */
const MASK = /^~[0-9a-f]{12}(?:\.[0-9a-f]{4})?$/;

/**
 * The keyed digest of an account's name (HMAC-SHA-256): `e3b0c44298fc` of the name in lower case and, where the name is
 * not in lower case, `.9af1` of the name as it is. The same name has the same digest on every host that has the key; without
 * the key a name cannot be guessed from it. Windows knows no case in names: what is before the dot tells its accounts apart.
 */
export class AccountDigest {
  readonly #key: Buffer;
  readonly #remembered = new Recent<string, string>(MAX_REMEMBERED);

  /** @param key at least 16 random bytes */
  constructor(key: Buffer) {
    this.#key = key;
  }

  of(name: string): string {
    const known = this.#remembered.get(name);
    if (known !== undefined) return known;
    const folded = name.toLowerCase();
    const base = this.#hmac(folded, DIGEST_CHARS);
    const digest = folded === name ? base : `${base}.${this.#hmac(name, VARIANT_CHARS)}`;
    this.#remembered.set(name, digest);
    return digest;
  }

  #hmac(text: string, chars: number): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, chars);
  }
}

/** What stands where the name was. */
export function maskOf(digest: string): string {
  return `~${digest}`;
}

export function isMask(name: string): boolean {
  return MASK.test(name);
}
