import type { AlertChange } from '@fleetwall/core';
import { isoText } from '../iso-text.js';
import { Shelf } from './shelf.js';

/** The last state of an alert, with all the contributors that were ever told and not cleared; times ISO 8601 UTC. */
export interface ReportedAlert {
  id: string;
  rule: string;
  ruleId: string;
  level: string;
  knownGood: boolean;
  key: Record<string, string>;
  first: string;
  last: string;
  count: number;
  contributors: string[];
}

interface Open {
  change: AlertChange;
  contributors: Set<string>;
}

/** What became of every alert, in the order they were first told. Those that are over go on the shelf. */
export class AlertLedger {
  /** By id. A withdrawn one may come again under the same. */
  readonly #orders = new Map<string, number>();
  readonly #open = new Map<number, Open>();
  readonly #over = new Shelf<ReportedAlert>();
  /** By order, the number on the shelf. */
  readonly #shelved: (number | undefined)[] = [];

  /** @param change stays the alert's own object until it tells otherwise */
  fold(change: AlertChange): void {
    let order = this.#orders.get(change.id);
    if (order === undefined) {
      order = this.#shelved.push(undefined) - 1;
      this.#orders.set(change.id, order);
      this.#open.set(order, { change, contributors: new Set() });
    }
    const open = this.#open.get(order) as Open;
    open.change = change;
    for (const { value } of change.contributors) open.contributors.add(value);
    for (const value of change.cleared) open.contributors.delete(value);
    if (change.state !== 'over') return;
    this.#orders.delete(change.id);
    this.#open.delete(order);
    this.#shelved[order] = this.#over.add(reported(open));
  }

  /** Those that stood, over or still open. */
  *alerts(): Generator<ReportedAlert> {
    for (const [order, shelved] of this.#shelved.entries()) {
      if (shelved !== undefined) yield this.#over.get(shelved);
      const open = this.#open.get(order);
      if (open !== undefined && open.change.state !== 'withdrawn') yield reported(open);
    }
  }

  *withdrawn(): Generator<ReportedAlert> {
    for (const open of this.#open.values()) if (open.change.state === 'withdrawn') yield reported(open);
  }
}

function reported({ change, contributors }: Open): ReportedAlert {
  const { id, rule, ruleId, level, knownGood, key, count } = change;
  const times = { first: isoText(change.firstMs), last: isoText(change.lastMs) };
  return { id, rule, ruleId, level, knownGood, key, ...times, count, contributors: [...contributors] };
}
