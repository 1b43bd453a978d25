import { readFileSync } from 'node:fs';
import { type Difference, dataPath, isCounted, peerOf, readLines, type Suite } from './suite.test-support.js';

/** A log of others in which nobody failed to log on: every line is known here, and none counts. */
export function quietSuite(path: string, known: Record<string, string> = {}): Suite {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return {
    name: path,
    needs: [path],
    known,
    run: () => {
      const lines = readFileSync(dataPath(path), 'utf8').split('\n').filter(Boolean);
      const differences = readLines(lines).flatMap(({ event, unparsed }, index): Difference[] => {
        if (!isCounted(event) && (unparsed === '' || unparsed === 'not-relevant')) return [];
        const here = unparsed || `counts against ${peerOf(event)}`;
        return [{ verdict: 'wrong', file, line: index + 1, expected: 'known, no failure', here, isNegative: true }];
      });
      return { positives: 0, negatives: lines.length, differences };
    },
  };
}
