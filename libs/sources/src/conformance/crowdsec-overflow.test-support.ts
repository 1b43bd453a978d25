import { readFileSync } from 'node:fs';
import { type Difference, dataPath, isCounted, peerOf, readLines, type Suite } from './suite.test-support.js';

export interface OverflowOptions {
  /** The log, when it is not named like the folder. */
  file?: string;
  known?: Record<string, string>;
}

/**
 * One folder of crowdsec's `.tests` whose scenario overflows: every address that it names has counted tries here, and no other
 * address has. Differences have the number of the overflow, or of the line for an address that crowdsec does not name.
 */
export function crowdsecOverflowSuite(folder: string, { file, known = {} }: OverflowOptions = {}): Suite {
  const log = `crowdsec-hub-tests/${folder}/${file ?? `${folder}.log`}`;
  const asserts = `crowdsec-hub-tests/${folder}/scenario.assert`;
  return {
    name: `crowdsec-hub-tests/${folder} (overflows)`,
    needs: [log, asserts],
    known,
    run: () => {
      const lines = readFileSync(dataPath(log), 'utf8').split('\n').filter(Boolean);
      const reads = readLines(lines);
      const named = /"([^"]+)" in results\[(\d+)\]\.Overflow\.GetSources\(\)/g;
      const overflows = [...readFileSync(dataPath(asserts), 'utf8').matchAll(named)];
      const attackers = overflows.map((match) => match[1] as string);
      const counted = new Set(reads.filter(({ event }) => isCounted(event)).map(({ event }) => peerOf(event)));
      const differences = attackers.flatMap((address, index): Difference[] => {
        if (counted.has(address)) return [];
        return [{ verdict: 'missed', file: folder, line: index + 1, expected: `tries of ${address}`, here: 'none' }];
      });
      for (const [index, { event }] of reads.entries()) {
        const peer = peerOf(event);
        if (!isCounted(event) || attackers.includes(peer as string)) continue;
        const here = `counts against ${peer}`;
        differences.push({
          verdict: 'wrong',
          file: folder,
          line: index + 1,
          expected: 'no match',
          here,
          isNegative: true,
        });
      }
      const of = (address: string | undefined) => attackers.includes(address as string);
      const negatives = reads.filter(({ event }) => !of(peerOf(event))).length;
      return { positives: attackers.length, negatives, differences };
    },
  };
}
