import type { Inspection } from './kernel-table.js';
import { CHAIN, COUNTER, PRIORITY, TABLE } from './ruleset.js';

/** Why blocks take no effect, in the words that `verify` reports. */
export const PROBLEMS = {
  noTable: `table inet ${TABLE} is missing`,
  dormant: `table inet ${TABLE} is dormant: its chain takes no effect`,
  noCounter: `counter ${COUNTER} is missing`,
  noChain: `chain ${CHAIN} is missing`,
  otherHook: `chain ${CHAIN} is not hooked into prerouting at priority ${PRIORITY}`,
  otherRules: `chain ${CHAIN} has rules that are not ours`,
} as const;

/** Without a table there is nothing to add about its parts. */
export const NO_TABLE: Inspection = { problems: [PROBLEMS.noTable], droppedPackets: 0, droppedBytes: 0, missing: [] };

/** @param expected the rules as they were right after the set-up, or undefined before the first one of this process */
export function compareRules<T>(found: T[], expected: T[] | undefined, same: (a: T, b: T) => boolean): string[] {
  const atLeast = expected?.length ?? 1;
  if (found.length < atLeast) return [`chain ${CHAIN} has ${found.length} of ${atLeast} drop rules`];
  const ours =
    !expected || (found.length === expected.length && found.every((rule, i) => same(rule, expected[i] as T)));
  return ours ? [] : [PROBLEMS.otherRules];
}
