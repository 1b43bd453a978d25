import { loadRules, type RuleSet } from '@fleetwall/detection';

/** Every logon that failed; it alerts of nothing by itself. */
const FAILURE = `title: Failure
id: 00000000-0000-4000-8000-000000000001
name: failure
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: failure}, condition: s}
level: informational
`;

/**
 * Counts the failures of an address in an hour.
 *
 * @param number the last digit of its id, from 2
 */
export function countingRule(name: string, number: number, condition: string, type = 'event_count'): string {
  return `title: ${name}
id: 00000000-0000-4000-8000-00000000000${number}
name: ${name}
taxonomy: ecs
correlation: {type: ${type}, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {${condition}}}
level: high
`;
}

/** These counting rules, and what they count. */
export function rulesOf(...rules: string[]): RuleSet {
  return loadRules([{ path: 'rules.yml', text: [FAILURE, ...rules].join('---\n') }]);
}
