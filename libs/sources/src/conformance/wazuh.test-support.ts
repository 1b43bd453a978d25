import { readFileSync } from 'node:fs';
import { type Difference, dataPath, isCounted, isFailure, readLines, type Suite } from './suite.test-support.js';

export interface WazuhOptions {
  /** Names of the sections, as they stand in brackets, whose lines tell of a failed logon; the others must not count. */
  failures: RegExp;
  /** Only these sections; absent: all. */
  sections?: RegExp;
  known?: Record<string, string>;
}

/** One file of Wazuh's rule tests: sections of `log N pass|fail = LINE`, each line a stream of its own. */
export function wazuhSuite(ini: string, { failures, sections, known = {} }: WazuhOptions): Suite {
  const path = `wazuh-ruletests/${ini}`;
  return {
    name: path,
    needs: [path],
    known,
    run: () => {
      const result = { positives: 0, negatives: 0, differences: [] as Difference[] };
      let section = '';
      for (const [i, line] of readFileSync(dataPath(path), 'utf8').split('\n').entries()) {
        section = /^\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
        const text = /^log \d+ (?:pass|fail) = (.*)$/.exec(line)?.[1];
        if (text === undefined || (sections !== undefined && !sections.test(section))) continue;
        const isPositive = failures.test(section);
        result[isPositive ? 'positives' : 'negatives']++;
        const [read] = readLines([text]);
        const counted = isPositive ? isFailure(read?.event) : isCounted(read?.event);
        if (counted === isPositive) continue;
        const here = read?.unparsed || `${read?.event?.['event.action']}, ${counted ? 'counted' : 'not counted'}`;
        result.differences.push({
          verdict: isPositive ? 'missed' : 'wrong',
          file: ini,
          line: i + 1,
          expected: isPositive ? `a failure (${section})` : `no failure (${section})`,
          here,
          isNegative: !isPositive,
        });
      }
      return result;
    },
  };
}
