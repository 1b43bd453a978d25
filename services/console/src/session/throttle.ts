import type { Clock } from '@fleetwall/core';
import { consoleError } from '../api/errors.js';
import { accountIdOf } from './accounts.js';

const WINDOW_MS = 15 * 60_000;
const MOST = { address: 10, account: 30 } as const;
const MAX_KEYS = 20_000;

interface Failures {
  count: number;
  sinceMs: number;
}

/** Wrong passwords by address and by account, of this replica; beyond a number nobody's password is even looked at. */
export class Throttle {
  /** The one that failed longest ago first. */
  readonly #failures = new Map<string, Failures>();

  constructor(private readonly clock: Clock) {}

  /** Counts a try as failed until {@link forgive}, so that many at once count too. Throws SIGN_IN_THROTTLED. */
  admit(address: string, account: string): void {
    const keys = keysOf(address, account);
    for (const [key, most] of keys) {
      const { count, sinceMs } = this.#of(key);
      const minutes = Math.ceil((sinceMs + WINDOW_MS - this.clock()) / 60_000);
      if (count >= most) throw consoleError('SIGN_IN_THROTTLED', { minutes });
    }
    for (const [key] of keys) this.#add(key, 1);
  }

  /** The try that was admitted was no failure. */
  forgive(address: string, account: string): void {
    for (const [key] of keysOf(address, account)) this.#add(key, -1);
  }

  #of(key: string): Failures {
    const nowMs = this.clock();
    const known = this.#failures.get(key);
    return known && nowMs - known.sinceMs < WINDOW_MS ? known : { count: 0, sinceMs: nowMs };
  }

  #add(key: string, more: number): void {
    const { count, sinceMs } = this.#of(key);
    this.#failures.delete(key);
    this.#failures.set(key, { count: Math.max(0, count + more), sinceMs });
    if (this.#failures.size > MAX_KEYS) this.#failures.delete(this.#failures.keys().next().value as string);
  }
}

function keysOf(address: string, account: string): [key: string, most: number][] {
  return [
    [`address ${address}`, MOST.address],
    [`account ${accountIdOf(account)}`, MOST.account],
  ];
}
