import { type BlockScope, type Clock, parseNetwork, type Registry } from '@fleetwall/core';
import {
  ALLOWLIST,
  type AllowEntry,
  allowedBy,
  type Exemption,
  isValid,
  judge,
  type RailLimits,
  type Verdict,
} from '@fleetwall/response';

export interface RailsOptions {
  registry: Registry;
  clock: Clock;
  limits: RailLimits;
  exemptions: readonly Exemption[];
}

/** What the response service would say of a block: the same rails, limits, known proxies and allowlist. */
export class Rails {
  constructor(private readonly options: RailsOptions) {}

  /** Throws ADDRESS_INVALID, of the target: an entry that cannot be read exempts nothing, as in the response service. */
  async judge(target: string, scope: BlockScope['type']): Promise<Verdict> {
    return (await this.judging())(target, scope);
  }

  /** For many targets: with the allowlist as it is now. */
  async judging(): Promise<(target: string, scope: BlockScope['type']) => Verdict> {
    const { registry, clock, limits, exemptions } = this.options;
    const nowMs = clock();
    const entries = await registry.list<AllowEntry>(ALLOWLIST);
    const allowed = entries
      .filter(({ value }) => isValid(value, nowMs))
      .flatMap(({ id, value }) => readable(id, value));
    return (target, scope) => judge(parseNetwork(target), scope, [...exemptions, ...allowed], limits);
  }
}

function readable(target: string, entry: AllowEntry): Exemption[] {
  try {
    return [allowedBy(target, entry)];
  } catch {
    return [];
  }
}
