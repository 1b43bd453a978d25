import type { Registry } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry, allowedBy, type Exemption } from '@fleetwall/response';

const NOTHING = { fromMs: 0, untilMs: 0, exemptions: [] as readonly Exemption[] };

/**
 * What is exempt: what always is, and the allowlist, kept current from the registry. An entry that cannot be an exemption is
 * passed over and told of.
 */
export class Allowlist {
  onChange: () => void = () => undefined;
  readonly #registry: Registry;
  readonly #onError: (error: unknown) => void;
  readonly #always: readonly Exemption[];
  readonly #entries = new Map<string, { exemption: Exemption; untilMs: number }>();
  /** What holds from one time to another. */
  #current = NOTHING;
  #stopWatching: () => void = () => undefined;

  constructor(registry: Registry, onError: (error: unknown) => void, always: readonly Exemption[] = []) {
    this.#registry = registry;
    this.#onError = onError;
    this.#always = always;
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#registry.watch(ALLOWLIST, ({ id, value }) => {
      this.#set(id, value as AllowEntry | undefined);
      this.onChange();
    });
    for (const { id, value } of await this.#registry.list<AllowEntry>(ALLOWLIST)) this.#set(id, value);
  }

  stop(): void {
    this.#stopWatching();
  }

  /** Asked for every block. */
  exemptions(nowMs: number): readonly Exemption[] {
    if (nowMs < this.#current.fromMs || nowMs >= this.#current.untilMs) {
      const valid = [...this.#entries.values()].filter(({ untilMs }) => nowMs < untilMs);
      const untilMs = valid.reduce((least, entry) => Math.min(least, entry.untilMs), Number.POSITIVE_INFINITY);
      const exemptions = [...this.#always, ...valid.map(({ exemption }) => exemption)];
      this.#current = { fromMs: nowMs, untilMs, exemptions };
    }
    return this.#current.exemptions;
  }

  #set(id: string, entry: AllowEntry | undefined): void {
    this.#entries.delete(id);
    this.#current = NOTHING;
    if (!entry) return;
    try {
      this.#entries.set(id, { exemption: allowedBy(id, entry), untilMs: entry.untilMs ?? Number.POSITIVE_INFINITY });
    } catch (error) {
      this.#onError(error);
    }
  }
}
