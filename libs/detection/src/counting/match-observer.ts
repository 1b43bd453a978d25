import { hash } from 'node:crypto';
import type { FleetEvent } from '@fleetwall/core';
import { rulesOf } from './chain.js';
import { LONE_FIELDS } from './lone-rule-counter.js';
import { groupKeyOf, type Observation } from './observation.js';
import type { Common } from './observer.js';
import type { CountingPlan } from './plan.js';

/** Reads a field as it is counted. */
type Reader = (event: FleetEvent, field: string, tenant: string) => string | undefined;

/** Fields by which an event finds the instance that counts it: of its own, by the names of the route. */
type Route = Record<string, string>;

const [HOST] = LONE_FIELDS;
const MAX_ID_LENGTH = 256;

/** Plans of one route; those with aliases are on their own, and each of their rules finds it by other fields. */
class RouteGroup {
  readonly plansOf = new Map<string, CountingPlan[]>();
  readonly needs = new Set<string>();

  constructor(
    readonly route: readonly string[],
    /** By rule; undefined where all rules have the route's own fields. */
    readonly aliased: Readonly<Record<string, readonly string[]>> | undefined,
    readonly isMixed: boolean,
  ) {}

  add(plan: CountingPlan, needs: readonly string[], rules: readonly string[]): void {
    for (const field of needs) this.needs.add(field);
    for (const rule of rules) this.plansOf.set(rule, [...(this.plansOf.get(rule) ?? []), plan]);
  }
}

/** The observations an event gives for correlations over matches, and for rules that alert by themselves. */
export class MatchObserver {
  readonly #groups: readonly RouteGroup[];
  readonly #read: Reader;

  constructor(plans: readonly CountingPlan[], read: Reader) {
    this.#read = read;
    const groups = new Map<string, RouteGroup>();
    for (const plan of plans) {
      const { chain, isLone, name, counts } = plan;
      if (chain === undefined && !isLone) continue;
      const route = chain?.route ?? [HOST];
      const isAliased =
        chain !== undefined && rulesOf(chain).some((rule) => chain.routes[rule]?.join() !== route.join());
      const isMixed = chain?.isMixed ?? false;
      const groupName = isAliased ? `alias ${name}` : `${isMixed} ${route.join()}`;
      const group = groups.get(groupName) ?? new RouteGroup(route, isAliased ? chain.routes : undefined, isMixed);
      groups.set(groupName, group);
      group.add(plan, chain?.needs ?? LONE_FIELDS, counts);
    }
    this.#groups = [...groups.values()];
  }

  observe(event: FleetEvent, matched: readonly { name: string }[], common: Common): Observation[] {
    return this.#groups.flatMap((group) => {
      const names = matched.map(({ name }) => name).filter((name) => group.plansOf.has(name));
      if (names.length === 0) return [];
      const { aliased, route } = group;
      if (aliased === undefined) return this.#observe(event, group, names, route, common);
      return names.flatMap((name) => this.#observe(event, group, [name], aliased[name] as string[], common));
    });
  }

  /** None when the event lacks a field of the route: it is in no group then. */
  #observe(
    event: FleetEvent,
    { route, needs, plansOf, isMixed }: RouteGroup,
    matched: readonly string[],
    fieldsOfRoute: readonly string[],
    common: Common,
  ): Observation[] {
    const { tenant, evidence } = common;
    const fields: Route = {};
    for (const [index, name] of route.entries()) {
      const value = this.#read(event, fieldsOfRoute[index] as string, tenant);
      if (value === undefined) return [];
      fields[name] = value;
    }
    const values: Record<string, string> = {};
    for (const field of needs) {
      const value = this.#read(event, field, tenant);
      if (value !== undefined) values[field] = value;
    }
    const rules = [...new Set(matched.flatMap((name) => (plansOf.get(name) ?? []).map((plan) => plan.name)))];
    const key = groupKeyOf(tenant, isMixed ? 'any' : evidence, Object.values(fields));
    const about = { rules, step: 'match' as const, key, fields, matched, values, ...common };
    return matchIdsOf(event).map((attemptId) => ({ ...about, attemptId }));
  }
}

/** Ids of all tries that the event tells of; of one that is no try, its own. */
function matchIdsOf(event: FleetEvent): readonly string[] {
  const ids: unknown = event['fleetwall.attempt.ids'];
  if (Array.isArray(ids)) return ids.filter((id): id is string => typeof id === 'string' && id !== '').map(shortened);
  const own: unknown = event['fleetwall.attempt.id'] ?? event['event.id'];
  if (typeof own === 'string' && own !== '') return [shortened(own)];
  return [hash('sha256', `${event['@timestamp']}${event['event.original']}`, 'hex').slice(0, 12)];
}

/** A sender may write an id of any length. */
function shortened(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : hash('sha256', id, 'hex');
}
