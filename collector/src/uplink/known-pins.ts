import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writePrivateFile } from '@fleetwall/config';

interface StoredPins {
  version: 1;
  pins: string[];
}

const PIN = /^[A-Za-z0-9+/]{43}=$/;

/** The pin alone, from the forms people copy: `sha256/…`, `sha256//…`. */
export function pinText(text: string): string {
  return text.trim().replace(/^sha256\/{1,2}/, '');
}

/**
 * The public keys a gateway may have: those configured, and those a gateway with a known key announced. These lie in a
 * file, so that a collector that was away when the key changed knows the new one.
 */
export class KnownPins {
  readonly #configured: readonly string[];
  readonly #path: string | undefined;
  #learnt: string[];

  /** @param path of the file; without it nothing is remembered over a restart */
  constructor(configured: readonly string[], path: string | undefined) {
    this.#configured = configured.map(pinText);
    this.#path = path;
    this.#learnt = path === undefined ? [] : read(path);
  }

  /** Without configured pins, certificates are checked by who signed them, and nothing is learnt. */
  get isPinned(): boolean {
    return this.#configured.length > 0;
  }

  accepts(pin: string): boolean {
    return this.#configured.includes(pin) || this.#learnt.includes(pin);
  }

  /**
   * What a gateway announced over a connection whose key was accepted: from now on that key, the announced ones and those
   * configured count, and no key announced before.
   *
   * @throws the system's error when the file cannot be written; they count until the next start all the same
   */
  learn(current: string, next: readonly string[]): void {
    if (!this.isPinned) return;
    const learnt = [...new Set([current, ...next])].filter((pin) => PIN.test(pin) && !this.#configured.includes(pin));
    if (learnt.join() === this.#learnt.join()) return;
    this.#learnt = learnt;
    if (this.#path !== undefined) write(this.#path, learnt);
  }
}

function read(path: string): string[] {
  try {
    const { version, pins } = JSON.parse(readFileSync(path, 'utf8')) as StoredPins;
    return version === 1 ? pins.filter((pin) => PIN.test(pin)) : [];
  } catch {
    return [];
  }
}

function write(path: string, pins: string[]): void {
  const stored: StoredPins = { version: 1, pins };
  mkdirSync(dirname(path), { recursive: true });
  writePrivateFile(path, JSON.stringify(stored));
}
