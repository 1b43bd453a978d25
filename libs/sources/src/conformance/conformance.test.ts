import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { type Judged, reportPage } from './report.test-support.js';
import { isThere } from './suite.test-support.js';
import { AREAS } from './suites.test-support.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/generated/conformance.md', import.meta.url));

describe.each(AREAS)('$title, as others read them', ({ suites }) => {
  for (const suite of suites) {
    (isThere(suite) ? it : it.skip)(`${suite.name} (needs the shared data)`, async () => {
      const { positives, negatives, differences } = await suite.run();
      expect(positives + negatives).toBeGreaterThan(0);
      const unexplained = differences.filter(({ file, line }) => suite.known[`${file}:${line}`] === undefined);
      expect(unexplained).toEqual([]);
      const found = differences.map(({ file, line }) => `${file}:${line}`);
      expect(Object.keys(suite.known).filter((place) => !found.includes(place))).toEqual([]);
    });
  }
});

const isComplete = AREAS.every(({ suites }) => suites.every(isThere));

describe('the report', () => {
  (isComplete ? it : it.skip)('is what the suites say (needs the shared data)', async () => {
    const areas = [];
    for (const { title, suites } of AREAS) {
      const judged: Judged[] = [];
      for (const suite of suites) judged.push({ suite, result: await suite.run() });
      areas.push({ title, judged });
    }
    const page = reportPage(areas);
    if (process.env.UPDATE_CONFORMANCE === '1') writeFileSync(DOCUMENT, page);
    expect(readFileSync(DOCUMENT, 'utf8')).toBe(page);
  });
});
