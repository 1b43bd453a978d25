import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineParser } from '../line-parser.js';
import { isUnparsed } from '../source.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';
const HEAD = '2026-11-22 07:00:00.17 Logon       ';
const ERROR = `${HEAD}Error: 18456, Severity: 14, State: 5.`;
const TAIL = `'. Reason: Could not find a login matching the name provided. [CLIENT: ${REAL}]`;

function addressesOf(lines: readonly string[]): (string | undefined)[] {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
  return lines.flatMap((line) => {
    const event = parser.parse(line);
    return isUnparsed(event) ? [] : [event['source.ip']];
  });
}

/** Six tries with the name, as they stand in the log. */
function sixTries(name: string): string[] {
  return Array.from({ length: 6 }, () => `${ERROR}\n${HEAD}Login failed for user '${name}${TAIL}`.split('\n')).flat();
}

describe('A15: a name with line ends', () => {
  const pieces = [
    '\n',
    `x'. Reason: x. [CLIENT: ${VICTIM}]`,
    `x'. [CLIENT: ${VICTIM}]`,
    `\n${HEAD}`,
    `\n${HEAD}Login failed for user '`,
    `\n${HEAD}Login failed for user 'y'. [CLIENT: ${VICTIM}]`,
    `\n${HEAD}Error: 18456, Severity: 14, State: 8.\n`,
    'root',
  ];
  const name = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join('').slice(0, 128));

  it('names somebody else once at most, however often it comes', () => {
    fc.assert(
      fc.property(name, (text) => {
        const victims = addressesOf(sixTries(text)).filter((address) => address === VICTIM);
        expect(victims.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 3_000 },
    );
  });

  it('does not hide who guesses the password of a login that exists', () => {
    const guess = [
      ERROR.replace('State: 5', 'State: 8'),
      `${HEAD}Login failed for user 'sa'. Reason: Password did not match that for the login provided. [CLIENT: ${REAL}]`,
    ];
    expect(addressesOf([...sixTries(`x'. [CLIENT: ${VICTIM}]\n`), ...guess]).at(-1)).toBe(REAL);
  });
});

describe('the error log in UTF-16, read as it is written', () => {
  const line = `${HEAD}Login failed for user 'sa'. Reason: Password did not match that for the login provided. [CLIENT: ${REAL}]`;
  /** As a reader of UTF-8 gets it, cut at the byte of the line end. */
  const asUtf8 = (text: string) =>
    Buffer.from(text, 'utf16le')
      .toString('utf8')
      .split('\n')
      .map((one) => one.replace(/\r$/, ''));

  it('is read where it is ASCII', () => {
    expect(addressesOf(asUtf8(`\uFEFF${ERROR}\r\n${line}\r\n${ERROR}\r\n${line}\r\n`))).toEqual([REAL, REAL]);
  });

  it('is not where a character could make a line end or hide one', () => {
    for (const trick of ['\u0a0d', '\u0d0a', '\u0a41', 'é', 'x\u0a0dy']) {
      const forged = `\u0a0a${HEAD}Login failed for user 'x'. [CLIENT: ${VICTIM}]`;
      const text = `${ERROR}\r\n${HEAD}Login failed for user '${trick}${forged}${TAIL}\r\n`;
      expect(addressesOf(asUtf8(text))).not.toContain(VICTIM);
    }
  });
});
