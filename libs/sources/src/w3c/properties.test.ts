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
    /** The least of five, in microseconds of the processor. */
    const costOf = (chars: number) => {
      const text = joined.repeat(Math.ceil(chars / joined.length)).slice(0, chars);
      const costs = Array.from({ length: 5 }, () => {
        const { parser, lines } = prepare(template, text);
        const before = process.cpuUsage();
        for (const one of lines) parser.parse(one);
        const { user, system } = process.cpuUsage(before);
        return user + system;
      });
      return Math.min(...costs);
    };
    const short = costOf(65_536);
    const long = costOf(1_048_576);
    // Sixteen times the length; a quadratic cost would be 256 times as much. What is too cheap to measure is no cost.
    expect(long).toBeLessThan(Math.max(short, 2_000) * 100);
  });
});
