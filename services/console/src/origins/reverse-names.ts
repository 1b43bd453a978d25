import { Resolver } from 'node:dns/promises';
import { type Clock, canonicalAddress, parseNetwork, Recent } from '@fleetwall/core';

export interface ReverseNamesOptions {
  isAllowed: boolean;
  /** Whom to ask, `192.0.2.53` or `192.0.2.53:53`; the system's resolvers when empty. */
  resolvers: readonly string[];
  clock: Clock;
}

export interface ReverseNamesAnswer {
  state: 'named' | 'unnamed' | 'failed' | 'busy' | 'off';
  names: { name: string; isConfirmed: boolean }[];
}

/** For everything: the names, and whether they lead back. */
const PATIENCE_MS = 2_000;
/** Of one try at one resolver; a second fits. */
const TRY_MS = 900;
const MOST_AT_ONCE = 4;
const PER_MINUTE = 30;
const MOST_NAMES = 3;
/** A name is at most 255 bytes, each of which may be written as four characters. */
const MOST_CHARACTERS = 1_024;
const MOST_KEPT = 1_000;
const KEPT_MS = 3_600_000;
/** What failed may go better soon. */
const FAILED_KEPT_MS = 60_000;
/** The resolver's word that there is none. */
const NO_NAME = new Set(['ENOTFOUND', 'ENODATA']);

interface Kept {
  answer: Promise<ReverseNamesAnswer>;
  untilMs: number;
}

/**
 * What the DNS calls an address (RFC 1035 3.5, RFC 3596 2.5), asked for when a person looks at it and never otherwise: whoever
 * owns the address decides on its name, and may see that somebody asks. So a name is shown and nothing more follows from it. One that
 * does not lead back to the address is not confirmed; one that does still is what its owner chose.
 *
 * Answers are kept for an hour. Beyond 30 look-ups a minute, or four at once, the answer is `busy`. Nothing is ever thrown.
 */
export class ReverseNames {
  readonly #options: ReverseNamesOptions;
  readonly #kept = new Recent<string, Kept>(MOST_KEPT);
  #underWay = 0;
  #allowance = PER_MINUTE;
  #countedMs: number;

  constructor(options: ReverseNamesOptions) {
    this.#options = options;
    this.#countedMs = options.clock();
  }

  /** @param address in its canonical form */
  of(address: string): Promise<ReverseNamesAnswer> {
    const { isAllowed, clock } = this.#options;
    if (!isAllowed) return Promise.resolve({ state: 'off', names: [] });
    const kept = this.#kept.get(address);
    if (kept && clock() < kept.untilMs) return kept.answer;
    if (!this.#takesOne()) return Promise.resolve({ state: 'busy', names: [] });
    const answer = this.#ask(address);
    const entry: Kept = { answer, untilMs: clock() + KEPT_MS };
    this.#kept.set(address, entry);
    void answer.then(({ state }) => {
      if (state === 'failed') entry.untilMs = clock() + FAILED_KEPT_MS;
    });
    return answer;
  }

  /** The allowance grows with time, up to that of a minute. */
  #takesOne(): boolean {
    const nowMs = this.#options.clock();
    this.#allowance = Math.min(PER_MINUTE, this.#allowance + ((nowMs - this.#countedMs) * PER_MINUTE) / 60_000);
    this.#countedMs = nowMs;
    if (this.#underWay >= MOST_AT_ONCE || this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  async #ask(address: string): Promise<ReverseNamesAnswer> {
    const resolver = new Resolver({ timeout: TRY_MS, tries: 2 });
    this.#underWay++;
    const timer = setTimeout(() => resolver.cancel(), PATIENCE_MS);
    try {
      if (this.#options.resolvers.length > 0) resolver.setServers([...this.#options.resolvers]);
      const found = await resolver.resolvePtr(pointerOf(address));
      const names = [...new Set(found)].filter((name) => name !== '').slice(0, MOST_NAMES);
      const asked = names.map(async (name) => ({
        name: name.slice(0, MOST_CHARACTERS),
        isConfirmed: await leadsTo(resolver, name, address),
      }));
      return { state: names.length > 0 ? 'named' : 'unnamed', names: await Promise.all(asked) };
    } catch (error) {
      const isNone = NO_NAME.has((error as NodeJS.ErrnoException).code ?? '');
      return { state: isNone ? 'unnamed' : 'failed', names: [] };
    } finally {
      clearTimeout(timer);
      this.#underWay--;
    }
  }
}

async function leadsTo(resolver: Resolver, name: string, address: string): Promise<boolean> {
  try {
    const found = address.includes(':') ? await resolver.resolve6(name) : await resolver.resolve4(name);
    return found.some((one) => canonicalAddress(one) === address);
  } catch {
    return false;
  }
}

/** `7.113.0.203.in-addr.arpa`, or every digit of an IPv6 address under `ip6.arpa`. */
function pointerOf(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const digits = parseNetwork(address).first.toString(16).padStart(32, '0');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
