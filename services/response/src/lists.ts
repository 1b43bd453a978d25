import type { Clock, Registry } from '@fleetwall/core';
import {
  DENYLIST,
  type DeciderOptions,
  type DenyEntry,
  type Exemption,
  RULE_SWITCHES,
  type RuleMode,
  type RuleSwitch,
} from '@fleetwall/response';
import { FollowedList } from '@fleetwall/service';
import { Allowlist } from './allowlist.js';
import { ListHits } from './list-hits.js';

export interface ListsOptions {
  registry: Registry;
  clock: Clock;
  /** What is never blocked, besides the allowlist. */
  exemptions?: readonly Exemption[];
  onError: (error: unknown) => void;
}

/** What people decided beforehand, as the registry has it: never block, always block, do not believe this rule. */
export class Lists {
  readonly allow: Allowlist;
  readonly deny: FollowedList<DenyEntry>;
  readonly hits: ListHits;
  readonly #switches: FollowedList<RuleSwitch>;

  constructor({ registry, clock, exemptions, onError }: ListsOptions) {
    this.allow = new Allowlist(registry, onError, exemptions);
    this.deny = new FollowedList(registry, DENYLIST);
    this.#switches = new FollowedList(registry, RULE_SWITCHES);
    this.hits = new ListHits(registry, clock);
  }

  /** Resolves when all of it is known. */
  async start(): Promise<void> {
    for (const list of [this.allow, this.deny, this.#switches]) await list.start();
  }

  stop(): void {
    for (const list of [this.allow, this.deny, this.#switches]) list.stop();
  }

  modeOf(rule: string): RuleMode {
    return this.#switches.all().get(rule)?.mode ?? 'on';
  }

  /** What a decider asks of them. */
  forDecider(): Pick<DeciderOptions, 'exemptions' | 'denied' | 'modeOf' | 'onHit'> {
    return {
      exemptions: (nowMs) => this.allow.exemptions(nowMs),
      denied: () => this.deny.all(),
      modeOf: (rule) => this.modeOf(rule),
      onHit: (hit) => this.hits.add(hit),
    };
  }
}
