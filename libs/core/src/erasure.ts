import { contains, parseNetwork } from './address.js';
import type { Block } from './block.js';
import type { StoredAlert } from './decision-store.js';

/** Which alerts and blocks are to go. What is given has to hold, all of it; at least one is. */
export interface DecisionSelection {
  /** About any of these addresses, networks or accounts, as {@link StoredAlert} and blocks name them. */
  values?: readonly string[];
  tenant?: string;
  /** All tenants' but these. */
  exceptTenants?: readonly string[];
  /** Alerts whose last attempt, and blocks whose end, is before this; milliseconds since 1970 UTC. */
  beforeMs?: number;
}

export interface ErasedDecisions {
  /** Ids of the alerts that are gone. */
  alerts: string[];
  /** Alerts about somebody else, which no longer name what was to go among their contributors. */
  changed: number;
  /** Blocks that are gone: only such as were over. */
  blocks: number;
}

/** The alert without what is to go: undefined when nothing is left of it, itself when it is not concerned. */
export function alertWithout(
  alert: StoredAlert,
  { values, tenant, exceptTenants, beforeMs }: DecisionSelection,
): StoredAlert | undefined {
  if (tenant !== undefined && alert.tenant !== tenant) return alert;
  if (exceptTenants?.includes(alert.tenant)) return alert;
  if (beforeMs !== undefined && alert.lastMs >= beforeMs) return alert;
  if (values === undefined || Object.values(alert.key).some((value) => values.includes(value))) return undefined;
  const contributors = alert.contributors.filter(({ value }) => !values.includes(value));
  const gone = alert.contributors.length - contributors.length;
  return gone === 0 ? alert : { ...alert, contributors, contributorCount: alert.contributorCount - gone };
}

/** Whether the block is over and about the selection. */
export function isErasable({ state, target, scope, untilMs }: Block, selection: DecisionSelection): boolean {
  const { values, tenant, exceptTenants, beforeMs } = selection;
  if (state === 'active' || state === 'held') return false;
  if (tenant !== undefined && !(scope.type === 'tenant' && scope.id === tenant)) return false;
  if (scope.type === 'tenant' && exceptTenants?.includes(scope.id)) return false;
  if (beforeMs !== undefined && untilMs >= beforeMs) return false;
  return values === undefined || isOneOf(target, values);
}

/** Whether a block's target is one of the values, or lies in one that is a network. */
export function isOneOf(target: string, values: readonly string[]): boolean {
  return values.some((value) => value === target || isWithin(target, value));
}

/** Whether all of the target lies in a network, or is the address; a name is neither. */
function isWithin(target: string, value: string): boolean {
  try {
    return contains(parseNetwork(value), parseNetwork(target));
  } catch {
    return false;
  }
}
