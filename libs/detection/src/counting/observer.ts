import { hash } from 'node:crypto';
import { countedAs, type FleetEvent } from '@fleetwall/core';
import { groupKeyOf, type Observation } from './observation.js';
import type { CountingPlan } from './plan.js';

/** Attackers write user names of 64 KB; beyond this a value is cut and ends in a hash of the whole. */
const MAX_VALUE_LENGTH = 256;

/** Plans that group by the same fields share what is computed for an event. */
interface Grouping {
  groupBy: readonly string[];
  fields: Record<string, string>;
  /** Undefined when the event lacks a field: nothing is grouped. */
  key: string | undefined;
}

interface GroupedPlan {
  plan: CountingPlan;
  grouping: Grouping;
}

const NONE: readonly GroupedPlan[] = [];

/** What all observations of an event have in common. */
type Common = Omit<Observation, 'rule' | 'step' | 'key' | 'fields' | 'attemptId' | 'value'>;

/** The observations an event gives, by the rules it matched: the stateless half of counting. */
export class Observer {
  readonly #countedBy = new Map<string, GroupedPlan[]>();
  readonly #followedBy = new Map<string, GroupedPlan[]>();
  readonly #plans: readonly GroupedPlan[];
  readonly #groupings = new Map<string, Grouping>();

  constructor(plans: readonly CountingPlan[]) {
    this.#plans = plans.map((plan) => ({ plan, grouping: this.#groupingOf(plan) }));
    for (const grouped of this.#plans) {
      for (const rule of grouped.plan.counts) append(this.#countedBy, rule, grouped);
      if (grouped.plan.followedBy !== undefined) append(this.#followedBy, grouped.plan.followedBy, grouped);
    }
  }

  observe(event: FleetEvent, matched: readonly { name: string }[], tenant: string): Observation[] {
    const observations: Observation[] = [];
    const isSuccess = isLogonSuccess(event);
    if (matched.length === 0 && !isSuccess) return observations;
    const common = commonOf(event, tenant);
    for (const grouping of this.#groupings.values()) group(grouping, event, common);
    const attemptId = attemptIdOf(event);
    const ids = event['fleetwall.attempt.ids'] ?? [attemptId];
    for (const { name } of matched) {
      for (const grouped of this.#countedBy.get(name) ?? NONE) {
        for (const id of ids) push(observations, grouped, 'count', event, common, id);
      }
    }
    if (isSuccess) for (const grouped of this.#plans) push(observations, grouped, 'clear', event, common, attemptId);
    for (const { name } of matched) {
      for (const grouped of this.#followedBy.get(name) ?? NONE)
        push(observations, grouped, 'then', event, common, attemptId);
    }
    return observations;
  }

  #groupingOf({ groupBy }: CountingPlan): Grouping {
    const name = groupBy.join();
    const known = this.#groupings.get(name) ?? { groupBy, fields: {}, key: undefined };
    this.#groupings.set(name, known);
    return known;
  }
}

function commonOf(event: FleetEvent, tenant: string): Common {
  return {
    timeMs: event['@timestamp'],
    ingestedMs: event['event.ingested'] ?? event['@timestamp'],
    address: countedValue(event, 'source.ip'),
    account: countedValue(event, 'user.name'),
    host: event['host.name'],
    tenant,
    evidence: event['fleetwall.evidence'],
    history: event['fleetwall.history'],
  };
}

/** A missing group-by field groups nothing. */
function group(grouping: Grouping, event: FleetEvent, { tenant, evidence }: Common): void {
  grouping.fields = {};
  grouping.key = undefined;
  const values: string[] = [];
  for (const field of grouping.groupBy) {
    const value = countedValue(event, field);
    if (value === undefined) return;
    grouping.fields[field] = value;
    values.push(value);
  }
  grouping.key = groupKeyOf(tenant, evidence, values);
}

/** A missing counted field counts nothing. */
function push(
  observations: Observation[],
  { plan, grouping: { key, fields } }: GroupedPlan,
  step: Observation['step'],
  event: FleetEvent,
  common: Common,
  attemptId: string,
): void {
  if (key === undefined) return;
  const value = plan.field === undefined ? undefined : countedValue(event, plan.field);
  if (step === 'count' && plan.field !== undefined && value === undefined) return;
  const { timeMs, ingestedMs, address, account, host, tenant, evidence, history } = common;
  observations.push({
    rule: plan.name,
    step,
    key,
    fields,
    timeMs,
    ingestedMs,
    attemptId,
    value,
    address,
    account,
    host,
    tenant,
    evidence,
    history,
  });
}

export function isLogonSuccess(event: FleetEvent): boolean {
  return (
    event['event.outcome'] === 'success' &&
    event['source.ip'] !== undefined &&
    event['user.name'] !== undefined &&
    event['event.category'].includes('authentication')
  );
}

/** Events that are no logon attempt count one each. */
function attemptIdOf(event: FleetEvent): string {
  return (
    event['fleetwall.attempt.id'] ??
    hash('sha256', `${event['event.id'] ?? ''}${event['@timestamp']}${event['event.original']}`, 'hex').slice(0, 12)
  );
}

function countedValue(event: FleetEvent, field: string): string | undefined {
  const value = event[field];
  if (value === undefined || Array.isArray(value)) return undefined;
  const text = String(value);
  if (field === 'source.ip') return text.includes(':') ? countedAs(text) : text;
  if (text.length <= MAX_VALUE_LENGTH) return text;
  return `${text.slice(0, MAX_VALUE_LENGTH)}#${hash('sha256', text, 'hex').slice(0, 16)}`;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
