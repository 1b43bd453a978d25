import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileText, newParser } from '../hostile.test-support.js';
import { isUnparsed } from '../source.js';
import { FRAGMENTS, NOT_FAILURES, REAL, TEMPLATES, type Template } from './templates.test-support.js';

const name = hostileText(FRAGMENTS);

/** The lines of a template with what the peer chose in them, and the parser that has read what its program writes before them. */
function prepare({ head, line, written }: Template, text: string) {
  const parser = newParser();
  for (const one of head) parser.parse(one);
  const whole = line.replaceAll('{u}', () => written(text)).replaceAll('{r}', REAL);
  return { parser, lines: whole.split('\n') };
}

function read(template: Template, text: string) {
  const { parser, lines } = prepare(template, text);
  return lines.map((one) => parser.parse(one));
}

describe('A14, A15, A16: what a peer chose, in the own logs of services on Windows', () => {
  it.each([...TEMPLATES, ...NOT_FAILURES])('never gives another address: $line', (template) => {
    fc.assert(
      fc.property(name, (text) => {
        for (const event of read(template, text)) {
          if (isUnparsed(event)) continue;
          expect([undefined, REAL]).toContain(event['source.ip']);
          expect(event['source.domain']).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(TEMPLATES)('is a failed try with its address when it is a plain word: $line', (template) => {
    const event = read(template, 'admin').at(-1);
    expect(event).toMatchObject({ 'source.ip': REAL, 'event.outcome': 'failure' });
    expect(event).toHaveProperty(['fleetwall.attempt.role']);
  });

  it.each(NOT_FAILURES)('never makes a failure of what is none: $line', (template) => {
    fc.assert(
      fc.property(name, (text) => {
        for (const event of read(template, text)) {
          if (!isUnparsed(event)) expect(event['fleetwall.attempt.role']).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([...TEMPLATES, ...NOT_FAILURES])('costs in proportion to its length: $line', (template) => {
    const joined = FRAGMENTS.join('');
    const growth = growthOf((length) => {
      const text = joined.repeat(Math.ceil(length / joined.length)).slice(0, length);
      return () => {
        const { parser, lines } = prepare(template, text);
        for (const one of lines) parser.parse(one);
      };
    });
    expect(growth).toBeLessThan(IN_PROPORTION);
  });
});
