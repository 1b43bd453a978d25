import type { FieldValue, FleetEvent } from '@fleetwall/core';
import type { CountingPlan } from '@fleetwall/detection';

/** Lines about one attempt come within seconds of each other; this many attempts are remembered at least. */
const GENERATION = 20_000;

interface Observed {
  rules: readonly { name: string }[];
  values: FieldValue[];
}

/**
 * Attempts that were counted lately. Two or three lines tell of most attempts, and every rule refuses the second one as a
 * duplicate; a line that adds nothing to what an earlier one of its attempt said need not be counted again to be refused.
 */
export class ObservedAttempts {
  readonly #fields: readonly string[];
  readonly #following: ReadonlySet<string>;
  #young = new Map<string, Observed>();
  #old = new Map<string, Observed>();

  constructor(plans: readonly Pick<CountingPlan, 'groupBy' | 'field' | 'followedBy' | 'chain'>[]) {
    const fields = plans.flatMap(
      ({ groupBy, field, chain }) => chain?.needs ?? [...groupBy, ...(field ? [field] : [])],
    );
    this.#fields = [...new Set([...fields, 'source.ip', 'user.name'])];
    this.#following = new Set(plans.flatMap(({ followedBy }) => followedBy ?? []));
  }

  /** Whether an earlier line of the same attempt matched the same rules and had all that is grouped by and counted. */
  covers(event: FleetEvent, matched: readonly { name: string }[]): boolean {
    const id = event['fleetwall.attempt.id'];
    if (id === undefined || event['fleetwall.attempt.ids'] !== undefined) return false;
    const known = this.#young.get(id) ?? this.#old.get(id);
    if (known !== undefined && this.#addsNothing(known, event, matched)) return true;
    this.#remember(id, { rules: matched, values: this.#fields.map((field) => event[field]) });
    return false;
  }

  #addsNothing({ rules, values }: Observed, event: FleetEvent, matched: readonly { name: string }[]): boolean {
    for (const rule of matched) if (!rules.includes(rule) || this.#following.has(rule.name)) return false;
    for (let i = 0; i < values.length; i++) {
      const value = event[this.#fields[i] as string];
      if (value !== undefined && value !== values[i]) return false;
    }
    return true;
  }

  #remember(id: string, observed: Observed): void {
    this.#young.set(id, observed);
    if (this.#young.size < GENERATION) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
