import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { fold } from './fold.js';
import type { Requirement, Rule } from './rule.js';

interface Entry {
  rule: Rule;
  /** Place in the set; results come in this order. */
  order: number;
}

const NONE: readonly Rule[] = Object.freeze([]);

/**
 * Finds the rules of a set that match an event. Every rule is filed under one clause it requires, the rarest within
 * the set, so that an event meets only the rules whose clause it fulfils; rules without such a clause meet every event.
 */
export class Matcher {
  private readonly fields: { field: string; byValue: Map<string, Entry[]> }[] = [];
  private readonly always: Entry[] = [];

  constructor(rules: readonly Rule[]) {
    const shared = countClauses(rules);
    const byField = new Map<string, Map<string, Entry[]>>();
    rules.forEach((rule, order) => {
      const entry = { rule, order };
      const clause = rarest(rule.requires, shared);
      if (!clause) {
        this.always.push(entry);
        return;
      }
      const byValue = byField.get(clause.field) ?? new Map<string, Entry[]>();
      byField.set(clause.field, byValue);
      for (const value of clause.values) byValue.set(value, [...(byValue.get(value) ?? []), entry]);
    });
    for (const [field, byValue] of byField) this.fields.push({ field, byValue });
  }

  /** The matching rules in the order of the set. */
  match(event: FleetEvent): readonly Rule[] {
    let hits: Entry[] | undefined;
    for (const entry of this.always) if (entry.rule.matches(event)) hits = add(hits, entry);
    for (const { field, byValue } of this.fields) {
      const value: FieldValue = event[field];
      if (value === undefined || value === null) continue;
      if (Array.isArray(value)) {
        for (const element of value) hits = collect(byValue.get(fold(String(element))), event, hits);
      } else {
        hits = collect(byValue.get(fold(String(value))), event, hits);
      }
    }
    if (hits === undefined) return NONE;
    return hits.length === 1 ? [hits[0]!.rule] : hits.sort((a, b) => a.order - b.order).map(({ rule }) => rule);
  }
}

function collect(entries: Entry[] | undefined, event: FleetEvent, hits: Entry[] | undefined): Entry[] | undefined {
  if (entries === undefined) return hits;
  let found = hits;
  for (const entry of entries) {
    // Two elements of one list can lead to the same rule.
    if (!found?.includes(entry) && entry.rule.matches(event)) found = add(found, entry);
  }
  return found;
}

function add(hits: Entry[] | undefined, entry: Entry): Entry[] {
  if (hits === undefined) return [entry];
  hits.push(entry);
  return hits;
}

/** By field and value, how many rules require it; by field alone, how many require the field. */
function countClauses(rules: readonly Rule[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { requires } of rules) {
    for (const { field, values } of requires) {
      count(field);
      for (const value of values) count(`${field}\n${value}`);
    }
  }
  return counts;
}

/** The clause that leads to the fewest rules; among equals the most used field, so that few fields are looked up. */
function rarest(requires: readonly Requirement[], counts: ReadonlyMap<string, number>): Requirement | undefined {
  const cost = ({ field, values }: Requirement) => {
    let sum = 0;
    for (const value of values) sum += counts.get(`${field}\n${value}`) ?? 0;
    return sum - Math.min(0.99, (counts.get(field) ?? 0) / 1e6);
  };
  let best: Requirement | undefined;
  for (const clause of requires) if (!best || cost(clause) < cost(best)) best = clause;
  return best;
}
