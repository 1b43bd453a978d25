import type { Inspection } from './kernel-table.js';
import { CHAIN, COUNTER, PRIORITY, TABLE, WEB_CHAIN } from './ruleset.js';

/** Why blocks take no effect, in the words that `verify` reports. */
export const PROBLEMS = {
  noTable: `table inet ${TABLE} is missing`,
  dormant: `table inet ${TABLE} is dormant: its chain takes no effect`,
  noCounter: `counter ${COUNTER} is missing`,
  noChain: `chain ${CHAIN} is missing`,
  otherHook: `chain ${CHAIN} is not hooked into prerouting at priority ${PRIORITY}`,
} as const;

/** Without a table there is nothing to add about its parts. */
export const NO_TABLE: Inspection = { problems: [PROBLEMS.noTable], droppedPackets: 0, droppedBytes: 0, missing: [] };

/** The rules of our chains, as the kernel or `nft` tells them. */
export interface ChainRules<T> {
  main: T[];
  web: T[];
}

/** @param expected the rules as they were right after the set-up, or undefined before the first one of this process */
export function compareRules<T>(
  found: ChainRules<T>,
  expected: ChainRules<T> | undefined,
  same: (a: T, b: T) => boolean,
): string[] {
  const main = compareChain(CHAIN, found.main, expected?.main, 1, same);
  return [...main, ...compareChain(WEB_CHAIN, found.web, expected?.web, 0, same)];
}

/** @param fewest rules that it has whatever was set up */
function compareChain<T>(
  chain: string,
  found: T[],
  expected: T[] | undefined,
  fewest: number,
  same: (a: T, b: T) => boolean,
): string[] {
  const atLeast = expected?.length ?? fewest;
  if (found.length < atLeast) return [`chain ${chain} has ${found.length} of ${atLeast} drop rules`];
  const ours =
    !expected || (found.length === expected.length && found.every((rule, i) => same(rule, expected[i] as T)));
  return ours ? [] : [`chain ${chain} has rules that are not ours`];
}
