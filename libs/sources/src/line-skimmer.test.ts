import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineParser } from './line-parser.js';
import { LineSkimmer } from './line-skimmer.js';
import type { Outline } from './outline.js';
import { isUnparsed, type Unparsed } from './source.js';

const OPTIONS = { zone: 'Europe/Prague', year: { from: 2026 }, defaultHost: 'localhost' };

/** What an outline promises of the event. */
function outlined(event: FleetEvent, { mayHaveSource, ...fields }: Outline): void {
  expect(event).toMatchObject(fields);
  for (const field of ['event.outcome', 'fleetwall.attempt.role', 'fleetwall.attempt.count'])
    expect(event).not.toHaveProperty([field]);
  if (!mayHaveSource) expect(Object.keys(event).filter((field) => field.startsWith('source.'))).toEqual([]);
}

/** Skims the lines of one stream, and compares with what a parser makes of each. Answers how many had an outline. */
function compare(lines: readonly string[]): number {
  const parser = new LineParser(OPTIONS);
  const skimmer = new LineSkimmer(OPTIONS);
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const text = bytes.toString('latin1');
  let start = 0;
  let outlines = 0;
  for (const line of lines) {
    const end = start + Buffer.byteLength(line);
    const expected = parser.parse(line);
    const skimmed = skimmer.skim(bytes, text, start, end) as Outline | Unparsed | undefined;
    if (skimmed === undefined) {
      expect(skimmer.read(line)).toEqual(expected);
    } else if ('unparsed' in skimmed) {
      expect(skimmed).toEqual(expected);
    } else {
      expect(isUnparsed(expected)).toBe(false);
      expect(skimmer.timeMs).toBe((expected as FleetEvent)['@timestamp']);
      outlined(expected as FleetEvent, skimmed);
      expect(skimmer.readLine(skimmer.line(line))).toEqual(expected);
      outlines++;
    }
    start = end + 1;
  }
  return outlines;
}

const SOURCES_DIRECTORY = fileURLToPath(new URL('.', import.meta.url));

/** The lines of every sample file, each twice: a file is a stream, since one format may read all that follows in it. */
function sampleStreams(): string[][] {
  const names = readdirSync(SOURCES_DIRECTORY, { recursive: true, encoding: 'utf8' });
  const logs = names.filter((name) => name.endsWith('.log')).sort();
  return logs.map((name) => {
    const lines = readFileSync(join(SOURCES_DIRECTORY, name), 'utf8').split('\n');
    return lines.flatMap((text) => [text, text]).filter((text) => text !== '');
  });
}

const MESSAGES = [
  'sshd[12]: Connection closed by invalid user {} 198.51.100.7 port 4022 [preauth]',
  'sshd[12]: Connection reset by {}',
  'sshd[12]: Connection closed by{}',
  'sshd[12]: Disconnected from user {} 198.51.100.7 port 4022',
  'sshd-session[12]: Received disconnect from 198.51.100.7 port 4022:11: {}',
  'sshd[12]: Received disconnect from 198.51.100.7: 3: {}',
  'sshd: error: Received disconnect from 198.51.100.7 port 4022:3: {} [preauth]',
  'sshd[12]: Failed password for {} from 198.51.100.7 port 4022 ssh2',
  'CRON[3]: pam_unix(cron:session): session opened for user {}(uid=0) by {}(uid=0)',
  'su[3]: pam_unix(su:session): session closed for user {}',
  'x{}[3]: pam_unix({}): session opened for user root',
  'sudo: {} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={}',
  'sudo:    {} : PWD=/{} ; USER=root ; COMMAND=/bin/ls',
  'sudo: {} : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={}',
  'systemd-logind[3]: New session {} of user {}.',
  'kernel: [1.5] audit: {}',
  '{}',
];

const HEADERS = [
  '2026-11-01T12:00:01.123456+01:00 web1 ',
  '2026-11-01T12:59:60+01:00 web1 ',
  '2026-11-01T12:30:00.5+01:00 web2.example.com ',
  '2026-11-01T13:00:00Z wéb ',
  '2026-11-01T13:00:00.1234567890Z [web] ',
  'Nov  1 12:00:01 web1 ',
  'Nov  1 12:00:02 web1: ',
  'Nov 1 12:00:02 web1 ',
  'Nov  1 12:60:02 web1 ',
  'Jan  1 00:00:02 web1 ',
  'Oct 25 02:30:02 web1 ',
  '<38>Nov  1 12:00:01 web1 ',
  '',
];

const word = fc.oneof(
  fc.constantFrom(
    'root',
    '',
    ' ',
    'a b',
    ': ',
    ' : ',
    ' [preauth]',
    '3: x: Auth fail',
    'TTY=',
    '): session ',
    'ý',
    '\t',
  ),
  fc.string({ maxLength: 6 }).map((text) => text.replaceAll(/[\n\r]/g, '')),
);
const line = fc
  .tuple(fc.constantFrom(...HEADERS), fc.constantFrom(...MESSAGES), word, fc.nat({ max: 6 }))
  .map(([header, message, text, cut]) => {
    const whole = header + message.replaceAll('{}', () => text);
    return cut === 0 ? whole.slice(0, whole.length >> 1) : whole;
  })
  // A second time, when its hour is known.
  .chain((text) => fc.constantFrom([text], [text, text]));

describe('a skimmer', () => {
  it('says of every sample what the parser says', () => {
    const outlines = sampleStreams().map(compare);
    expect(outlines.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  });

  it('says of hostile lines in any order what the parser says', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        (lines) => void compare(lines.flat().filter((text) => text !== '')),
      ),
      { numRuns: 500 },
    );
  });

  it('knows the same program for what it is, however many there are', () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `Nov  1 12:00:01 web1 prog${i % 1_500}: x`);
    expect(compare(lines)).toBe(0);
  });
});
