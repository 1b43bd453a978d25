import { type BlockScope, type Clock, canonicalTarget, parseNetwork, type Registry } from '@fleetwall/core';
import {
  ALLOWLIST,
  type AllowEntry,
  type Exemption,
  exemptTarget,
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

  /** Throws ADDRESS_INVALID. */
  async judge(target: string, scope: BlockScope['type']): Promise<Verdict> {
    const { registry, clock, limits, exemptions } = this.options;
    const nowMs = clock();
    const entries = await registry.list<AllowEntry>(ALLOWLIST);
    const allowed = entries
      .filter(({ value }) => nowMs < (value.untilMs ?? Number.POSITIVE_INFINITY))
      .map(({ id, value }) => exemptTarget(id, `on the allowlist (${value.reason})`));
    return judge(parseNetwork(canonicalTarget(target)), scope, [...exemptions, ...allowed], limits);
  }
}
