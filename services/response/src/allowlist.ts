import type { Registry } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry, allowedBy, type Exemption, isValid } from '@fleetwall/response';
import { FollowedList } from '@fleetwall/service';

const NOTHING = { fromMs: 0, untilMs: 0, exemptions: [] as readonly Exemption[] };

/**
 * What is exempt: what always is, and the allowlist, kept current from the registry. An entry that cannot be an exemption is
 * passed over and told of.
 */
export class Allowlist {
  onChange: () => void = () => undefined;
  readonly #list: FollowedList<AllowEntry>;
  readonly #onError: (error: unknown) => void;
  readonly #always: readonly Exemption[];
  /** Of each entry, for as long as it stays as it is; null: it can be none. */
  readonly #exemptionOf = new WeakMap<AllowEntry, Exemption | null>();
  /** What holds from one time to another. */
  #current = NOTHING;

  constructor(registry: Registry, onError: (error: unknown) => void, always: readonly Exemption[] = []) {
    this.#list = new FollowedList(registry, ALLOWLIST);
    this.#onError = onError;
    this.#always = always;
    this.#list.onChange = () => {
      this.#lookAgain();
      this.onChange();
    };
  }

  async start(): Promise<void> {
    await this.#list.start();
    this.#lookAgain();
  }

  stop(): void {
    this.#list.stop();
  }

  /** Asked for every block. */
  exemptions(nowMs: number): readonly Exemption[] {
    if (nowMs < this.#current.fromMs || nowMs >= this.#current.untilMs) {
      const valid = [...this.#list.all().values()].filter((entry) => isValid(entry, nowMs));
      const untilMs = valid.reduce((least, entry) => Math.min(least, entry.untilMs ?? least), Number.POSITIVE_INFINITY);
      const exemptions = [...this.#always, ...valid.flatMap((entry) => this.#exemptionOf.get(entry) ?? [])];
      this.#current = { fromMs: nowMs, untilMs, exemptions };
    }
    return this.#current.exemptions;
  }

  #lookAgain(): void {
    this.#current = NOTHING;
    for (const [id, entry] of this.#list.all()) {
      if (!this.#exemptionOf.has(entry)) this.#exemptionOf.set(entry, this.#read(id, entry));
    }
  }

  #read(id: string, entry: AllowEntry): Exemption | null {
    try {
      return allowedBy(id, entry);
    } catch (error) {
      this.#onError(error);
      return null;
    }
  }
}
