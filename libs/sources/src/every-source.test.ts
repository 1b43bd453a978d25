import type { FleetEvent } from '@fleetwall/core';
import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from './line-parser.js';
import { SAMPLED, sampleFiles } from './samples.test-support.js';
import { isUnparsed, type Unparsed } from './source.js';

const VICTIM = '192.0.2.66';
/** What nobody else writes. */
const MARK = 'zqxmark';

const ADDRESS_END = /[0-9a-fA-F.:]$/;
const ADDRESS_START = /^[0-9a-fA-F.:/%]/;
/** A whole line of MySQL, and the beginning of one that tells of no logon; a whole line of Windows XP's firewall. */
const WHOLE_TOO = /\[Note\] Access denied for user '[^']*'@'[^']*'$| DROP TCP \S+ \S+ (?:\S+ ){7}- - - ?$/;

/** What peers write to be taken for the program. */
const FRAGMENTS = [
  ` from ${VICTIM} port 22 ssh2`,
  ` ${VICTIM} `,
  `[${VICTIM}]`,
  ` [${VICTIM}]: `,
  ` (${VICTIM})`,
  `@${VICTIM}`,
  ` rhost=${VICTIM}  user=root`,
  `, rip=${VICTIM}, lip=203.0.113.5`,
  `>, method=PLAIN, rip=${VICTIM}, `,
  `' from '${VICTIM}'`,
  `" from ${VICTIM}: `,
  `" client="${VICTIM}"`,
  `, client: ${VICTIM}, server: x`,
  `[client ${VICTIM}:80] `,
  `: ${VICTIM}: Authentication failure`,
  ' FAIL LOGIN: Client ',
  ' authentication failed ',
  'Failed password for root',
  ' ::ffff:192.0.2.66 ',
  '\uff11\uff19\uff12.0.2.66',
  '\u202e\u001b[2J',
  '\\n',
  '#012',
  "'",
  ']',
  ')',
  '>',
  ', ',
  ': ',
  '  ',
  '',
];
/** What stands before and behind the address in lines of the programs, up to where a line may be cut. */
const PROGRAMS_OWN = [',', "' failed for '", ', ip=[', '>, rip=', ' from ', '"," RemoteAddress="IPV4/TCP/', "' (from "];
/** Texts that make slow patterns slow. */
const FILLERS = [FRAGMENTS.join(''), ' ', 'a', ':', '1', '"', "'", '[', '](', '.', ', ', 'a=', '\\', '%', '1.1.1.1 '];
/** Where names of hosts stand, no other characters come. */
const HOST_FRAGMENTS = [`${VICTIM}.example.com`, '192-0-2-66.example.com', 'from', 'localhost', 'x.from.example.com'];

/** Fields that a peer writes, and what it can write there. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  'user.name': FRAGMENTS,
  'user.domain': FRAGMENTS,
  'user.target.name': FRAGMENTS,
  'user_agent.original': FRAGMENTS,
  'url.path': FRAGMENTS,
  'url.original': FRAGMENTS,
  'source.domain': HOST_FRAGMENTS,
};

function newParser() {
  return new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'sample-host' });
}

/** One line of a sample file, and how it reads behind the lines before it. */
interface Sample {
  line: string;
  event: FleetEvent | Unparsed;
  /** Reads another line in its place. */
  instead(line: string): FleetEvent | Unparsed;
}

/** Lines that read the same without those before them are read without. */
function samplesOf(folder: string): Sample[] {
  return sampleFiles(folder).flatMap((lines) => {
    const parser = newParser();
    return lines.map((line, i) => {
      const event = parser.parse(line);
      const standsAlone = JSON.stringify(newParser().parse(line)) === JSON.stringify(event);
      const before = standsAlone ? [] : lines.slice(0, i);
      const instead = (other: string) => {
        const fresh = newParser();
        for (const earlier of before) fresh.parse(earlier);
        return fresh.parse(other);
      };
      return { line, event, instead };
    });
  });
}

/** A place where a peer's own text stands in a line: a mark there becomes the field's value. */
interface Place {
  before: string;
  after: string;
  /** What the line tells with the mark in it. */
  marked: FleetEvent;
}

function placesOf({ line, instead }: Sample, field: string, value: string): Place[] {
  const places: Place[] = [];
  for (let at = line.indexOf(value); at >= 0; at = line.indexOf(value, at + 1)) {
    const before = line.slice(0, at);
    const after = line.slice(at + value.length);
    const marked = instead(before + MARK + after);
    if (!isUnparsed(marked) && String(marked[field]).includes(MARK)) places.push({ before, after, marked });
  }
  return places;
}

function placesOfAll(sample: Sample): (Place & { fragments: readonly string[] })[] {
  const { event } = sample;
  if (isUnparsed(event)) return [];
  return Object.entries(CHOSEN).flatMap(([field, fragments]) => {
    const value = event[field];
    if (typeof value !== 'string' || value === '') return [];
    return placesOf(sample, field, value).map((place) => ({ ...place, fragments }));
  });
}

/** What goes wrong with hostile text in place of, before and behind what a peer wrote. */
function* wrongTurns(sample: Sample): Generator<string> {
  for (const { before, after, marked, fragments } of placesOfAll(sample)) {
    for (const text of fragments.flatMap((fragment) => [fragment, MARK + fragment, fragment + MARK])) {
      const line = before + text + after;
      const turn = wrongTurn(marked, sample.instead(line));
      if (turn !== undefined) yield `${turn}: ${line}`;
    }
  }
}

/** What a line must not become when a peer writes other text. */
function wrongTurn(before: FleetEvent, after: FleetEvent | Unparsed): string | undefined {
  if (isUnparsed(after)) return undefined;
  const address = after['source.ip'];
  if (address !== undefined && address !== before['source.ip']) return `another address, ${address}`;
  const outcome = after['event.outcome'];
  if (outcome !== undefined && outcome !== before['event.outcome'])
    return `${before['event.outcome']} becomes ${outcome}`;
  const role = after['fleetwall.attempt.role'];
  return role !== undefined && before['fleetwall.attempt.role'] === undefined ? `it becomes an ${role}` : undefined;
}

describe.each(SAMPLED)('every line of %s', (folder) => {
  const samples = samplesOf(folder);

  it('tells the same, or nothing, whatever its peer writes', () => {
    const wrong = samples.flatMap((sample) => [...wrongTurns(sample)]);
    expect(wrong).toEqual([]);
  });

  it('cut anywhere is read or refused, and tells no other address where no peer wrote one', () => {
    const wrong: string[] = [];
    for (const { line, event, instead } of samples) {
      const address = isUnparsed(event) ? undefined : event['source.ip'];
      for (let end = 0; end < line.length; end++) {
        const cut = line.slice(0, end);
        const result = instead(cut);
        // Nobody can tell an address (a network, one with a zone) from its own beginning where the program ends its line with it.
        if (ADDRESS_END.test(cut) && ADDRESS_START.test(line.slice(end))) continue;
        if (line.includes(VICTIM) || WHOLE_TOO.test(cut)) continue;
        const found = isUnparsed(result) ? undefined : result['source.ip'];
        // What makes a whole line ambiguous may be gone from its beginning.
        if (address !== undefined && found !== undefined && found !== address) wrong.push(`${found}: ${cut}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('cut behind a long name tells no address that stands in the name', () => {
    const long = 'x'.repeat(1_000);
    const wrong = samples.flatMap((sample) =>
      placesOfAll(sample).flatMap(({ before, fragments, marked }) =>
        [...fragments, ...PROGRAMS_OWN.map((own) => own + VICTIM)]
          .flatMap((fragment) => [before + long + fragment, before + fragment + long, before + MARK + fragment + long])
          .filter((line) => wrongTurn(marked, sample.instead(line))?.startsWith('another')),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('costs in proportion to its length, whatever its peer writes', () => {
    const growth = growthOf((length) => {
      const lines = samples.map(({ line }, i) => drawnOut(line, FILLERS[i % FILLERS.length] ?? '', length));
      return () => {
        const parser = newParser();
        for (const line of lines) parser.parse(line);
      };
    });
    expect(growth).toBeLessThan(IN_PROPORTION);
  });
});

/** The line's beginning, so many characters of filler, its end. */
function drawnOut(line: string, filler: string, length: number): string {
  const middle = line.length >> 1;
  const text = line.slice(0, middle) + filler.repeat(Math.ceil(length / filler.length)) + line.slice(middle);
  return Buffer.from(text).toString('utf8');
}
