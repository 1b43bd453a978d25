import type { Registry } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry, type Exemption, exemptTarget } from '@fleetwall/response';

/** The allowlist as exemptions, kept current from the registry. An entry that cannot be one is passed over and told of. */
export class Allowlist {
  onChange: () => void = () => undefined;
  readonly #registry: Registry;
  readonly #onError: (error: unknown) => void;
  readonly #entries = new Map<string, { exemption: Exemption; untilMs: number }>();
  #stopWatching: () => void = () => undefined;

  constructor(registry: Registry, onError: (error: unknown) => void) {
    this.#registry = registry;
    this.#onError = onError;
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

  exemptions(nowMs: number): Exemption[] {
    return [...this.#entries.values()].filter(({ untilMs }) => nowMs < untilMs).map(({ exemption }) => exemption);
  }

  #set(id: string, entry: AllowEntry | undefined): void {
    this.#entries.delete(id);
    if (!entry) return;
    try {
      const exemption = exemptTarget(id, `on the allowlist (${entry.reason})`);
      this.#entries.set(id, { exemption, untilMs: entry.untilMs ?? Number.POSITIVE_INFINITY });
    } catch (error) {
      this.#onError(error);
    }
  }
}
