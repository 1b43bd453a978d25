import { hash } from 'node:crypto';
import { accountOf, countedAs, type EvidenceClass, type FleetEvent, hostOf } from '@fleetwall/core';
import { MatchObserver } from './match-observer.js';
import { groupKeyOf, type Observation } from './observation.js';
import type { CountingPlan } from './plan.js';

/** Attackers write user names of 64 KB; beyond this a value is cut and ends in a hash of the whole. */
const MAX_VALUE_LENGTH = 256;

/** Groups remembered by their value, for those that come again. */
const MAX_GROUPS = 4_096;

/** What events have in common that are counted together. */
interface Group {
  tenant: string;
  evidence: EvidenceClass;
  key: string;
  fields: Record<string, string>;
}

/** Plans that group by the same fields share the observations of an event. */
class Grouping {
  readonly rules: string[] = [];
  readonly #known = new Map<string, Group>();
  readonly #ruleLists = new Map<string, readonly string[]>();
  readonly #countedBy = new Map<string, CountingPlan[]>();
  readonly #followedBy = new Map<string, CountingPlan[]>();

  constructor(readonly groupBy: readonly string[]) {}

  add(plan: CountingPlan): void {
    this.rules.push(plan.name);
    for (const rule of plan.counts) append(this.#countedBy, rule, plan);
    if (plan.followedBy !== undefined) append(this.#followedBy, plan.followedBy, plan);
  }

  counting(matched: readonly { name: string }[]): readonly CountingPlan[] {
    return plansOf(this.#countedBy, matched);
  }

  following(matched: readonly { name: string }[]): readonly CountingPlan[] {
    return plansOf(this.#followedBy, matched);
  }

  /** The same list for the same names: who counts them finds by it what they stand for. */
  listOf(names: readonly string[]): readonly string[] {
    const text = names.join();
    const known = this.#ruleLists.get(text);
    if (known !== undefined) return known;
    this.#ruleLists.set(text, names);
    return names;
  }

  /** Undefined when the event lacks a field: nothing is grouped. */
  groupOf(event: FleetEvent, { tenant, evidence }: Common): Group | undefined {
    const [first, second] = this.groupBy;
    const value = first === undefined ? '' : countedValue(event, first, tenant);
    if (value === undefined) return undefined;
    if (second !== undefined || first === 'user.name') return this.#newGroup(event, tenant, evidence);
    const known = this.#known.get(value);
    if (known !== undefined && known.tenant === tenant && known.evidence === evidence) return known;
    const group = this.#newGroup(event, tenant, evidence);
    if (this.#known.size >= MAX_GROUPS) this.#known.clear();
    if (group !== undefined) this.#known.set(group.fields[first ?? ''] ?? '', group);
    return group;
  }

  #newGroup(event: FleetEvent, tenant: string, evidence: EvidenceClass): Group | undefined {
    const fields: Record<string, string> = {};
    const values: string[] = [];
    for (const field of this.groupBy) {
      const value = countedValue(event, field, tenant);
      if (value === undefined) return undefined;
      fields[field] = value;
      values.push(field === 'user.name' ? (accountOf(event) ?? value) : value);
    }
    return { tenant, evidence, key: groupKeyOf(tenant, evidence, values), fields };
  }
}

const NONE: readonly CountingPlan[] = [];

/** What all observations of an event have in common. */
export type Common = Omit<Observation, 'rules' | 'step' | 'key' | 'fields' | 'attemptId' | 'values'>;

/** The observations an event gives, by the rules it matched: the stateless half of counting. */
export class Observer {
  readonly #groupings: readonly Grouping[];
  readonly #matches: MatchObserver;

  constructor(plans: readonly CountingPlan[]) {
    const groupings = new Map<string, Grouping>();
    for (const plan of plans) {
      if (plan.chain !== undefined || plan.isLone) continue;
      const name = plan.groupBy.join();
      const grouping = groupings.get(name) ?? new Grouping(plan.groupBy);
      groupings.set(name, grouping);
      grouping.add(plan);
    }
    this.#groupings = [...groupings.values()];
    this.#matches = new MatchObserver(plans, countedValue);
  }

  observe(event: FleetEvent, matched: readonly { name: string }[], tenant: string): Observation[] {
    const observations: Observation[] = [];
    const isSuccess = isLogonSuccess(event);
    if (matched.length === 0 && !isSuccess) return observations;
    const common = commonOf(event, tenant);
    for (const grouping of this.#groupings) {
      const group = grouping.groupOf(event, common);
      if (group === undefined) continue;
      const counted = countedOf(grouping, matched, event, tenant);
      if (counted.rules.length > 0) {
        for (const id of attemptIdsOf(event))
          observations.push(observationOf('count', counted.rules, group, id, counted.values, common));
      }
      const id = event['fleetwall.attempt.id'] ?? event['event.id'] ?? '';
      if (isSuccess) observations.push(observationOf('clear', grouping.rules, group, id, undefined, common));
      const following = grouping.following(matched).map(({ name }) => name);
      if (following.length > 0)
        observations.push(observationOf('then', grouping.listOf(following), group, id, undefined, common));
    }
    if (matched.length > 0) observations.push(...this.#matches.observe(event, matched, common));
    return observations;
  }
}

/** Plans under any of the matched rules, each once. */
function plansOf(byRule: ReadonlyMap<string, CountingPlan[]>, matched: readonly { name: string }[]) {
  let plans = NONE;
  for (const { name } of matched) {
    const more = byRule.get(name) ?? NONE;
    if (plans.length === 0) plans = more;
    else if (more.length > 0) plans = [...new Set([...plans, ...more])];
  }
  return plans;
}

/** A missing counted field counts nothing. */
function countedOf(grouping: Grouping, matched: readonly { name: string }[], event: FleetEvent, tenant: string) {
  const rules: string[] = [];
  let values: Record<string, string> | undefined;
  for (const { name, field } of grouping.counting(matched)) {
    const value = field === undefined ? undefined : countedValue(event, field, tenant);
    if (field !== undefined) {
      if (value === undefined) continue;
      values ??= {};
      values[field] = value;
    }
    rules.push(name);
  }
  return { rules: rules.length === 0 ? rules : grouping.listOf(rules), values };
}

function commonOf(event: FleetEvent, tenant: string): Common {
  return {
    timeMs: event['@timestamp'],
    ingestedMs: event['event.ingested'] ?? event['@timestamp'],
    address: countedValue(event, 'source.ip', tenant),
    account: countedValue(event, 'user.name', tenant),
    accountHash: event['user.hash'],
    host: hostOf(event),
    application: event['network.application'] === 'http' ? 'http' : undefined,
    tenant,
    evidence: event['fleetwall.evidence'],
    history: event['fleetwall.history'],
  };
}

function observationOf(
  step: Observation['step'],
  rules: readonly string[],
  { key, fields }: Group,
  attemptId: string,
  values: Observation['values'],
  { timeMs, ingestedMs, address, account, accountHash, host, application, tenant, evidence, history }: Common,
): Observation {
  return {
    rules,
    step,
    key,
    fields,
    timeMs,
    ingestedMs,
    attemptId,
    values,
    address,
    account,
    accountHash,
    host,
    application,
    tenant,
    evidence,
    history,
  };
}

export function isLogonSuccess(event: FleetEvent): boolean {
  return (
    event['event.outcome'] === 'success' &&
    event['source.ip'] !== undefined &&
    event['user.name'] !== undefined &&
    event['event.category'].includes('authentication')
  );
}

/** As the assembler gives them; windows hold nothing else. */
const ATTEMPT_ID = /^[0-9a-f]{12}$/;

/** Events that are no logon attempt, or whose sender made up an id, count one each. */
function attemptIdOf(event: FleetEvent): string {
  const id = event['fleetwall.attempt.id'];
  if (id !== undefined && ATTEMPT_ID.test(id)) return id;
  return hash('sha256', `${event['event.id'] ?? ''}${event['@timestamp']}${event['event.original']}`, 'hex').slice(
    0,
    12,
  );
}

/** All tries that the event tells of. */
function attemptIdsOf(event: FleetEvent): readonly string[] {
  const ids: unknown = event['fleetwall.attempt.ids'];
  if (!Array.isArray(ids)) return [attemptIdOf(event)];
  return ids.filter((id): id is string => typeof id === 'string' && ATTEMPT_ID.test(id));
}

/** An event of no tenant is the operator's own. */
function countedValue(event: FleetEvent, field: string, tenant: string): string | undefined {
  if (field === 'organization.id') return tenant;
  const value = field === 'host.id' ? hostOf(event) : event[field];
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
