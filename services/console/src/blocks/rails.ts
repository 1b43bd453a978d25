import { type BlockScope, type Clock, parseNetwork, type Registry } from '@fleetwall/core';
import {
  type AllowEntry,
  allowedBy,
  type Exemption,
  isValid,
  judge,
  listEntries,
  type RailLimits,
  type Verdict,
} from '@fleetwall/response';

export interface RailsOptions {
  registry: Registry;
  clock: Clock;
  limits: RailLimits;
  exemptions: readonly Exemption[];
}

/** What an entry of the allowlist shelters, and since when. */
export interface Sheltered extends Exemption {
  sinceMs: number;
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
    const { limits, exemptions } = this.options;
    const allowed = await this.allowlist();
    return (target, scope) => judge(parseNetwork(target), scope, [...exemptions, ...allowed], limits);
  }

  /** The entries of the allowlist that hold now, without those that cannot be read. */
  async allowlist(): Promise<Sheltered[]> {
    const { registry, clock } = this.options;
    const nowMs = clock();
    const entries = await listEntries(registry, 'allow');
    return entries.filter(({ value }) => isValid(value, nowMs)).flatMap(({ id, value }) => readable(id, value));
  }
}

function readable(target: string, entry: AllowEntry): Sheltered[] {
  try {
    return [{ ...allowedBy(target, entry), sinceMs: entry.createdMs }];
  } catch {
    return [];
  }
}
