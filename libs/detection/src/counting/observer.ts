import { hash } from 'node:crypto';
import { countedAs, type FleetEvent } from '@fleetwall/core';
import { groupKeyOf, type Observation } from './observation.js';
import type { CountingPlan } from './plan.js';

/** Attackers write user names of 64 KB; beyond this a value is cut and ends in a hash of the whole. */
const MAX_VALUE_LENGTH = 256;

/** The observations an event gives, by the rules it matched: the stateless half of counting. */
export class Observer {
  readonly #countedBy = new Map<string, CountingPlan[]>();
  readonly #followedBy = new Map<string, CountingPlan[]>();
  readonly #plans: readonly CountingPlan[];

  constructor(plans: readonly CountingPlan[]) {
    this.#plans = plans;
    for (const plan of plans) {
      for (const rule of plan.counts) append(this.#countedBy, rule, plan);
      if (plan.followedBy !== undefined) append(this.#followedBy, plan.followedBy, plan);
    }
  }

  observe(event: FleetEvent, matched: readonly { name: string }[], tenant: string): Observation[] {
    const observations: Observation[] = [];
    for (const { name } of matched) {
      for (const plan of this.#countedBy.get(name) ?? []) this.#count(observations, plan, event, tenant);
    }
    if (isLogonSuccess(event)) {
      for (const plan of this.#plans) this.#push(observations, plan, 'clear', event, tenant, attemptIdOf(event));
    }
    for (const { name } of matched) {
      for (const plan of this.#followedBy.get(name) ?? []) {
        this.#push(observations, plan, 'then', event, tenant, attemptIdOf(event));
      }
    }
    return observations;
  }

  #count(observations: Observation[], plan: CountingPlan, event: FleetEvent, tenant: string): void {
    const ids = event['fleetwall.attempt.ids'];
    if (Array.isArray(ids)) for (const id of ids) this.#push(observations, plan, 'count', event, tenant, id);
    else this.#push(observations, plan, 'count', event, tenant, attemptIdOf(event));
  }

  /** A missing group-by field groups nothing; a missing counted field counts nothing. */
  #push(
    observations: Observation[],
    plan: CountingPlan,
    step: Observation['step'],
    event: FleetEvent,
    tenant: string,
    attemptId: string,
  ): void {
    const fields: Record<string, string> = {};
    const values: string[] = [];
    for (const field of plan.groupBy) {
      const value = countedValue(event, field);
      if (value === undefined) return;
      fields[field] = value;
      values.push(value);
    }
    const value = plan.field === undefined ? undefined : countedValue(event, plan.field);
    if (step === 'count' && plan.field !== undefined && value === undefined) return;
    observations.push({
      rule: plan.name,
      step,
      key: groupKeyOf(tenant, event['fleetwall.evidence'], values),
      fields,
      timeMs: event['@timestamp'],
      ingestedMs: event['event.ingested'] ?? event['@timestamp'],
      attemptId,
      value,
      address: countedValue(event, 'source.ip'),
      account: countedValue(event, 'user.name'),
      host: event['host.name'],
      tenant,
      evidence: event['fleetwall.evidence'],
      history: event['fleetwall.history'],
    });
  }
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
  if (field === 'source.ip') return countedAs(text);
  if (text.length <= MAX_VALUE_LENGTH) return text;
  return `${text.slice(0, MAX_VALUE_LENGTH)}#${hash('sha256', text, 'hex').slice(0, 16)}`;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
