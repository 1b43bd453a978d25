import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineParser, type LineParserOptions } from './line-parser.js';
import { isUnparsed } from './source.js';

const MESSAGE = 'sshd[1]: Failed password for root from 198.51.100.7 port 22 ssh2';

function parserOf(options: Partial<LineParserOptions> = {}): LineParser {
  return new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'default-host', ...options });
}

/** The times of lines that begin with these stamps, read one after the other. */
function times(stamps: string[], options: Partial<LineParserOptions> = {}): string[] {
  const parser = parserOf(options);
  return stamps.map((stamp) => {
    const event = parser.parse(`${stamp} web-01 ${MESSAGE}`);
    return isUnparsed(event) ? event.unparsed : new Date(event['@timestamp']).toISOString();
  });
}

describe('A23: the year that a stamp leaves out, from the first line on', () => {
  it('goes up from December to January', () => {
    expect(times(['Dec 31 23:59:59', 'Jan  1 00:00:00', 'Feb 28 12:00:00'])).toEqual([
      '2026-12-31T23:59:59.000Z',
      '2027-01-01T00:00:00.000Z',
      '2027-02-28T12:00:00.000Z',
    ]);
  });

  it('goes up once for each turn', () => {
    expect(
      times(['Mar  1 00:00:00', 'Nov  1 00:00:00', 'Jan  1 00:00:00', 'Dec 31 00:00:00', 'Jan  2 00:00:00']),
    ).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-11-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
      // The late line of two days before, not of the end of the year that has begun.
      '2026-12-31T00:00:00.000Z',
      '2027-01-02T00:00:00.000Z',
    ]);
  });

  it('stays for small steps back', () => {
    expect(times(['May 10 00:00:00', 'May  8 00:00:00', 'Apr 30 00:00:00', 'May 11 00:00:00'])).toEqual([
      '2026-05-10T00:00:00.000Z',
      '2026-05-08T00:00:00.000Z',
      '2026-04-30T00:00:00.000Z',
      '2026-05-11T00:00:00.000Z',
    ]);
  });

  it('knows 29 February of a leap year', () => {
    expect(times(['Dec 31 00:00:00', 'Feb 29 12:00:00'], { year: { from: 2027 } })[1]).toBe('2028-02-29T12:00:00.000Z');
  });
});

describe('the year that a stamp leaves out, by the clock', () => {
  const at = (now: string) => ({ year: { nowMs: () => Date.parse(now) } });

  it.each([
    ['2027-01-01T00:00:05Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59.000Z'],
    ['2026-12-31T23:59:55Z', 'Jan  1 00:00:10', '2027-01-01T00:00:10.000Z'],
    ['2026-11-22T07:00:00Z', 'Nov 24 00:00:00', '2025-11-24T00:00:00.000Z'],
    ['2026-03-01T00:00:00Z', 'Feb 29 12:00:00', '2024-02-29T12:00:00.000Z'],
    ['2028-02-29T13:00:00Z', 'Feb 29 12:00:00', '2028-02-29T12:00:00.000Z'],
    ['2099-12-31T23:59:59Z', 'Dec 31 23:59:59', '2099-12-31T23:59:59.000Z'],
  ])('at %s, %s is %s', (now, stamp, expected) => {
    expect(times([stamp], at(now))).toEqual([expected]);
  });

  it('follows the clock from year to year', () => {
    let nowMs = Date.parse('2026-06-01T00:00:00Z');
    const parser = parserOf({ year: { nowMs: () => nowMs } });
    const read = () => {
      const event = parser.parse(`Jun  1 00:00:00 web-01 ${MESSAGE}`);
      return isUnparsed(event) ? event.unparsed : new Date(event['@timestamp']).getUTCFullYear();
    };
    expect(read()).toBe(2026);
    expect(read()).toBe(2026);
    nowMs = Date.parse('2027-06-01T00:00:00Z');
    expect(read()).toBe(2027);
  });
});

describe('A23: a zone with summer time', () => {
  it('reads an hour that comes twice in the order of its lines', () => {
    const stamps = [
      'Oct 25 01:59:59',
      'Oct 25 02:30:00',
      'Oct 25 02:59:59',
      'Oct 25 02:00:00',
      'Oct 25 02:30:00',
      'Oct 25 03:00:00',
    ];
    expect(times(stamps, { zone: 'Europe/Prague' })).toEqual([
      '2026-10-24T23:59:59.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T00:59:59.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
    expect(times(['Nov  1 01:30:00', 'Nov  1 01:29:58', 'Nov  1 01:10:00'], { zone: 'America/New_York' })).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T05:29:58.000Z',
      '2026-11-01T06:10:00.000Z',
    ]);
  });

  it('reads an hour that never comes with the offset before', () => {
    expect(times(['Mar 29 01:59:59', 'Mar 29 02:30:00', 'Mar 29 03:00:00'], { zone: 'Europe/Prague' })).toEqual([
      '2026-03-29T00:59:59.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ]);
  });

  it('holds for ISO stamps without an offset, and for no others', () => {
    expect(times(['2026-07-01T12:00:00.5', '2026-07-01T12:00:00.5Z'], { zone: 'Asia/Kolkata' })).toEqual([
      '2026-07-01T06:30:00.500Z',
      '2026-07-01T12:00:00.500Z',
    ]);
  });

  it('is refused when nobody knows it', () => {
    expect(() => parserOf({ zone: 'Nowhere/At_All' })).toThrow(RangeError);
  });
});

describe('the quick and the careful reading of a header', () => {
  const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
  const stamp = fc.oneof(
    fc
      .tuple(fc.constantFrom('Jan', 'Oct', 'Nov', 'Dec'), fc.integer({ min: 1, max: 31 }), two(23), two(59), two(60))
      .map(([month, day, h, m, s]) => `${month} ${String(day).padStart(2, ' ')} ${h}:${m}:${s}`),
    fc
      .tuple(
        two(28),
        two(23),
        two(59),
        two(59),
        fc.constantFrom('', '.5', '.123456'),
        fc.constantFrom('Z', '+02:00', '-05:30', ''),
      )
      .map(([day, h, m, s, fraction, offset]) => `2026-03-${day}T${h}:${m}:${s}${fraction}${offset}`),
  );
  const head = fc.tuple(
    stamp,
    fc.constantFrom('web-01', '192.0.2.5', '2001:db8::5', 'web:', '[x]', 'a.example.com'),
    fc.constantFrom('sshd', 'sshd-session', 'a.b', 'a/sshd', '1sshd'),
    fc.constantFrom('', '[1]', '[99999]', '[x]'),
  );

  // A priority in front changes nothing but the way a line is read.
  it.each(['UTC', 'Europe/Prague'])('give the same events in %s', (zone) => {
    fc.assert(
      fc.property(fc.array(head, { maxLength: 20 }), (heads) => {
        const [quick, careful] = [parserOf({ zone }), parserOf({ zone })];
        for (const [time, host, program, pid] of heads) {
          const raw = `${time} ${host} ${program}${pid}: Failed password for root from 198.51.100.7 port 22 ssh2`;
          const expected = careful.parse(`<38>${raw}`);
          expect(quick.parse(raw)).toEqual(isUnparsed(expected) ? expected : { ...expected, 'event.original': raw });
        }
      }),
    );
  });
});

describe('A19: what a stream is worth', () => {
  it('caps the evidence and believes no host name from afar', () => {
    const parser = parserOf({ evidence: 'unauthenticated', hostFrom: 'default', defaultHost: '203.0.113.9' });
    expect(parser.parse(`<34>Nov 22 07:00:00 otherhost ${MESSAGE}`)).toMatchObject({
      'fleetwall.evidence': 'unauthenticated',
      'host.name': '203.0.113.9',
    });
  });

  it('reads only the sources that were asked for', () => {
    const parser = parserOf({ sources: ['pam'] });
    expect(parser.parse(`Nov  1 12:00:00 web-01 ${MESSAGE}`)).toEqual({ unparsed: 'unknown-program', program: 'sshd' });
  });
});

describe('a long line', () => {
  it('of a megabyte is read like a short one, but for the address, which may be that of a name without its end', () => {
    const long = 'x from 192.0.2.66 port 22 '.repeat(40_000);
    const event = parserOf().parse(`Nov  1 12:00:00 web-01 sshd[1]: Invalid user ${long} from 198.51.100.7 port 22`);
    expect(event).toMatchObject({ 'event.action': 'ssh-invalid-user' });
    expect(event).not.toHaveProperty(['source.ip']);
  });

  it.each([
    ['as sshd cuts it', (user: string) => `sshd[1]: Invalid user ${user}`, ' from 192.0.2.66 port 22', 1_023],
    ['as rsyslog cuts it', (user: string) => `dovecot: auth: sql(${user}`, ',192.0.2.66): unknown user', 8_096],
    ['of letters of three bytes', (user: string) => `imapd: LOGIN FAILED, user=${user}`, ', ip=[192.0.2.66]', 400],
  ])('that ends in what a peer wrote, %s, gives no address', (_, message, forged, length) => {
    const filler = (length === 400 ? '\u20ac' : 'x').repeat(length - forged.length - 24);
    const event = parserOf().parse(`Nov  1 12:00:00 web-01 ${message(filler + forged)}`);
    expect(event).toMatchObject({ 'event.outcome': 'failure' });
    expect(event).not.toHaveProperty(['source.ip']);
    expect(parserOf().parse(`Nov  1 12:00:00 web-01 ${message(`x${forged}`)}`)).toHaveProperty(['source.ip']);
  });

  // Quadratic reading of 4 MB takes minutes, linear reading a fraction of a second, on any machine.
  it.each([
    ['sshd[1]: Failed password for invalid user ', ' from port 1 ssh2: '],
    ['sshd[1]: Failed password for ', ' from 192.0.2.66 port 22 ssh2'],
    ['sshd[1]: error: PAM: x for ', ' from a via b'],
    ['sshd[1]: Disconnecting invalid user ', ' port 1: '],
    ['sshd[1]: refused connect from ', ' (@'],
    ['pam_unix(x:auth): authentication failure; logname=', ' rhost= user= ruser='],
    ['(pam_unix) ', ': )'],
    ['sudo: alice : TTY=', ' ; USER'],
    ['su: ', '- a b:'],
    ['systemd-logind[1]: New session ', "' of user '"],
    ["auditd: USER_AUTH msg='op=x ", "a=b msg='op=x "],
    ['', '('],
    ['', ' ['],
  ])('that repeats itself is read in linear time: %s%s…', (start, part) => {
    const parser = parserOf();
    const begun = process.cpuUsage();
    parser.parse(`Nov  1 12:00:00 web-01 ${start}${part.repeat(4_000_000 / part.length)}`);
    const used = process.cpuUsage(begun);
    expect((used.user + used.system) / 1e6).toBeLessThan(10);
  });
});
