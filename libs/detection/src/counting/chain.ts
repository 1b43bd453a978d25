import type { Correlation, CorrelationType } from '../sigma/index.js';
import type { Pattern } from '../temporal/index.js';

/** One of the rules of a correlation in a chain. */
export interface ChainStep {
  /** A plain rule; the correlation's name where `below` is there. */
  rule: string;
  /** What it is grouped by, as fields of the events of this rule, in the order of the correlation's `groupBy`. */
  fields: readonly string[];
  below?: ChainLink;
}

/** A correlation and what it refers to. */
export interface ChainLink {
  pattern: Pattern;
  /** As the rule names them: fields or aliases. */
  groupBy: readonly string[];
  /** The field whose distinct values are counted, for `value_count`. */
  field?: string;
  steps: readonly ChainStep[];
}

/**
 * A correlation over matches of rules and of other correlations: both temporal types, and what refers to correlations. Each
 * groups by its own fields; what a correlation found has the fields of the event that completed it. JSON.
 */
export interface Chain extends ChainLink {
  /** All fields of events that are needed. */
  needs: readonly string[];
  /**
   * The fields by which all correlations of the chain group: events that have them in common are counted by the same
   * instance. None: one instance counts a tenant's.
   */
  route: readonly string[];
  /** By plain rule, the fields of its events that are the route. */
  routes: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether evidence of different worth is taken together. So it is where no address is grouped by or counted: nobody can
   * be blocked for it then, and a host tells of itself by several ways.
   */
  isMixed: boolean;
  /** How far back an event may be of use, milliseconds: the windows on the longest way up, and the lateness. */
  reachMs: number;
}

const PATTERN_TYPE: Record<CorrelationType, Pattern['type']> = {
  event_count: 'count',
  value_count: 'distinct',
  temporal: 'distinct',
  temporal_ordered: 'ordered',
};

/** @param refuse makes the error that says why a correlation cannot be counted */
export function chainOf(
  correlation: Correlation,
  byName: ReadonlyMap<string, Correlation>,
  refuse: (reason: string) => Error,
): Chain {
  const link = linkOf(correlation, byName, refuse);
  const links = linksOf(link);
  const leaves = links.flatMap(({ steps }) => steps.filter(({ below }) => below === undefined));
  // By itself a correlation is counted where its own groups are, whatever its rules call their fields.
  const isAlone = links.length === 1;
  const route = isAlone
    ? link.groupBy
    : links.map(commonFields).reduce((a, b) => a.filter((field) => b.includes(field)));
  const needs = links.flatMap(({ field, steps }) => [field ?? [], ...steps.map(({ fields }) => fields)].flat());
  return {
    ...link,
    needs: [...new Set(needs)],
    route,
    isMixed: !needs.some((field) => field.endsWith('.ip')),
    routes: Object.fromEntries(leaves.map(({ rule, fields }) => [rule, isAlone ? fields : route])),
    reachMs: windowsMsOf(link) + correlation.latenessMs,
  };
}

/** All plain rules of a chain, each once. */
export function rulesOf(chain: Chain): string[] {
  return Object.keys(chain.routes);
}

function linkOf(
  correlation: Correlation,
  byName: ReadonlyMap<string, Correlation>,
  refuse: (reason: string) => Error,
): ChainLink {
  const { type, rules, groupBy, field, windowMs, condition } = correlation;
  const steps = rules.map((rule): ChainStep => {
    const below = byName.get(rule);
    const fields = groupBy.map((name) => fieldOf(correlation, name, rule));
    if (below === undefined) return { rule, fields };
    if (type === 'event_count') throw refuse(`it counts firings of the correlation ${rule}`);
    return { rule, fields, below: linkOf(below, byName, refuse) };
  });
  const tells = type === 'value_count' ? 'values' : 'occurrences';
  const pattern: Pattern = { type: PATTERN_TYPE[type], threshold: condition.atLeast, windowMs, tells };
  return { pattern, groupBy, ...(field !== undefined && { field }), steps };
}

function fieldOf({ aliases = {} }: Correlation, name: string, rule: string): string {
  return Object.hasOwn(aliases, name) ? (aliases[name]?.[rule] as string) : name;
}

function linksOf(link: ChainLink): ChainLink[] {
  return [link, ...link.steps.flatMap(({ below }) => (below ? linksOf(below) : []))];
}

/** What is grouped by under one name for all rules. */
function commonFields({ groupBy, steps }: ChainLink): string[] {
  return groupBy.filter((name, index) => steps.every(({ fields }) => fields[index] === name));
}

function windowsMsOf({ pattern, steps }: ChainLink): number {
  return pattern.windowMs + Math.max(0, ...steps.map(({ below }) => (below ? windowsMsOf(below) : 0)));
}
