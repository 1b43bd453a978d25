import type { FleetEvent } from '@fleetwall/core';
import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileText, newParser } from '../hostile.test-support.js';
import type { LineParser } from '../line-parser.js';
import { isUnparsed } from '../source.js';
import { FRAGMENTS, NOT_FAILURES, REAL, TEMPLATES, VICTIM } from './templates.test-support.js';

const words = hostileText(FRAGMENTS);

/** As the program would write it: without line ends, and escaped where it escapes. */
function fill({ line, written }: (typeof TEMPLATES)[number], text: string): string {
  const chosen = written(text.replaceAll(/[\r\n]/g, ' '));
  return line.replaceAll('{u}', () => chosen).replaceAll('{r}', REAL);
}

function read(parser: LineParser, line: string): FleetEvent | undefined {
  const result = parser.parse(line);
  return isUnparsed(result) ? undefined : result;
}

describe('A11, A12, A13: what the peer of a web server or an application chose', () => {
  it.each(TEMPLATES.map((template) => [template.line, template] as const))(
    'never gives another address: %s',
    (_, template) => {
      fc.assert(
        fc.property(words, (text) => {
          const event = read(newParser(), fill(template, text));
          expect([undefined, REAL]).toContain(event?.['source.ip']);
          expect(event?.['source.domain'] ?? '').not.toContain(VICTIM);
        }),
        { numRuns: 200 },
      );
    },
  );

  it.each(TEMPLATES.map((template) => [template.line, template] as const))(
    'is read when it is one plain word: %s',
    (_, template) => {
      const event = read(newParser(), fill(template, 'admin'));
      expect(event?.['source.ip']).toBe(REAL);
      expect(event?.['fleetwall.attempt.role']).toBeDefined();
    },
  );

  it.each(NOT_FAILURES.map((template) => [template.line, template] as const))(
    'makes no failure of what is none: %s',
    (_, template) => {
      fc.assert(
        fc.property(words, (text) => {
          const event = read(newParser(), fill(template, text));
          expect(event?.['fleetwall.attempt.role']).toBeUndefined();
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe('long lines', () => {
  it.each(TEMPLATES.map((template) => [template.line, template] as const))(
    'cost in proportion to their length: %s',
    (_, template) => {
      for (const fragment of ['"\\', ', client: 192.0.2.66, server: ', ' from 192.0.2.66. ', ': |= - [']) {
        const growth = growthOf((length) => {
          const line = fill(template, fragment.repeat(Math.ceil(length / fragment.length)));
          return () => newParser().parse(line);
        });
        expect(growth).toBeLessThan(IN_PROPORTION);
      }
    },
  );
});
