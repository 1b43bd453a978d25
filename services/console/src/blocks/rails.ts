import { type BlockScope, type Clock, parseNetwork, type Registry } from '@fleetwall/core';
import {
  ALLOWLIST,
  type AllowEntry,
  allowedBy,
  type Exemption,
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
      .map(({ id, value }) => allowedBy(id, value));
    return judge(parseNetwork(target), scope, [...exemptions, ...allowed], limits);
  }
}
