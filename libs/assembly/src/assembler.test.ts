import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed, LineParser } from '@fleetwall/sources';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Assembler } from './assembler.js';

const R = '198.51.100.7';

/** `12:00:01 sshd[1]: …` of web-01 on one day. */
function eventsOf(lines: string[]): FleetEvent[] {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
  return lines.flatMap((text) => {
    const [time, ...rest] = text.split(' ');
    const event = parser.parse(`Nov  1 ${time} web-01 ${rest.join(' ')}`);
    return isUnparsed(event) ? [] : [event];
  });
}

function idsOf(event: FleetEvent): string[] {
  return event['fleetwall.attempt.ids'] ?? (event['fleetwall.attempt.id'] ? [event['fleetwall.attempt.id']] : []);
}

/** How many tries the lines tell of. */
function tries(lines: string[], assembler = new Assembler()): number {
  return new Set(eventsOf(lines).flatMap((event) => idsOf(assembler.assemble(event)))).size;
}

const failure = `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${R}`;

describe('one try to log on', () => {
  it('is one, however many lines tell of it', () => {
    expect(
      tries([
        `12:00:00 sshd[1]: Invalid user admin from ${R} port 4022`,
        '12:00:00 sshd[1]: pam_unix(sshd:auth): check pass; user unknown',
        `12:00:00 sshd[1]: ${failure}`,
        `12:00:02 sshd[1]: Failed password for invalid user admin from ${R} port 4022 ssh2`,
        `12:00:03 sshd[1]: Connection closed by invalid user admin ${R} port 4022 [preauth]`,
      ]),
    ).toBe(1);
  });

  it('is another on every host, also where hosts call themselves alike; on the host that the line names its id is as ever', () => {
    const line = [`12:00:00 sshd[1]: Failed password for root from ${R} port 4022 ssh2`];
    const idOn = (site?: string) => {
      const assembler = new Assembler(site === undefined ? {} : { site });
      return eventsOf(line).flatMap((event) => idsOf(assembler.assemble(event)))[0];
    };
    expect(new Set([idOn('vps-1'), idOn('vps-2'), idOn('web-01')]).size).toBe(3);
    expect(idOn('web-01')).toBe(idOn());
  });

  it('has an id of 12 hex digits that depends on what happened only', () => {
    const line = [`12:00:00 sshd[1]: Failed password for root from ${R} port 4022 ssh2`];
    const [first] = eventsOf(line).map((event) => new Assembler().assemble(event));
    const [second] = eventsOf(line).map((event) => new Assembler().assemble(event));
    expect(first?.['fleetwall.attempt.id']).toMatch(/^[0-9a-f]{12}$/);
    expect(second?.['fleetwall.attempt.id']).toBe(first?.['fleetwall.attempt.id']);
  });

  it('comes again with every password on the same connection', () => {
    expect(
      tries([
        `12:00:00 sshd[1]: ${failure}  user=root`,
        `12:00:02 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
        `12:00:05 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
        `12:00:08 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
        `12:00:09 sshd[1]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=${R}  user=root`,
      ]),
    ).toBe(3);
  });

  it('is told of by every module, and counted once', () => {
    const sss = failure.replace('pam_unix', 'pam_sss');
    expect(
      tries([
        `12:00:00 sshd[1]: ${failure}  user=root`,
        `12:00:00 sshd[1]: ${sss} user=root`,
        `12:00:02 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
        `12:00:03 sshd[1]: ${sss} user=root`,
        `12:00:05 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
      ]),
    ).toBe(2);
  });

  it('is one when PAM asks in a child process, before or after sshd speaks', () => {
    expect(
      tries([
        `12:00:00 sshd[2]: ${failure}  user=root`,
        `12:00:02 sshd[1]: error: PAM: Authentication failure for root from ${R}`,
        `12:00:02 sshd[1]: Failed keyboard-interactive/pam for root from ${R} port 4022 ssh2`,
        `12:00:04 sshd[3]: ${failure}  user=root`,
        `12:00:06 sshd[1]: error: PAM: Authentication failure for root from ${R}`,
        `12:00:06 sshd[1]: Failed keyboard-interactive/pam for root from ${R} port 4022 ssh2`,
      ]),
    ).toBe(2);
    expect(
      tries([
        `12:00:00 sshd[1]: Invalid user admin from ${R} port 4022`,
        `12:00:01 sshd[2]: ${failure}`,
        `12:00:03 sshd[1]: Failed keyboard-interactive/pam for invalid user admin from ${R} port 4022 ssh2`,
      ]),
    ).toBe(1);
  });

  it('of an invalid user is not multiplied by the keys of an agent', () => {
    const key = (n: number) => `RSA SHA256:v3dpapGleDaUKf4V1vKyR9ZyUgjaJAmoCTcb2PLlj${n}A`;
    expect(
      tries([
        `12:00:00 sshd[1]: Invalid user admin from ${R} port 4022`,
        `12:00:00 sshd[1]: Failed none for invalid user admin from ${R} port 4022 ssh2`,
        `12:00:00 sshd[1]: Failed publickey for invalid user admin from ${R} port 4022 ssh2: ${key(1)}`,
        `12:00:00 sshd[1]: Failed publickey for invalid user admin from ${R} port 4022 ssh2: ${key(2)}`,
        `12:00:02 sshd[1]: Failed password for invalid user admin from ${R} port 4022 ssh2`,
      ]),
    ).toBe(1);
  });
});

describe('a summary', () => {
  it('counts when nothing before it did, once', () => {
    expect(
      tries([
        `12:00:00 sshd[1]: error: maximum authentication attempts exceeded for git from ${R} port 4022 ssh2 [preauth]`,
        `12:00:00 sshd[1]: Disconnecting authenticating user git ${R} port 4022: Too many authentication failures [preauth]`,
      ]),
    ).toBe(1);
  });

  it('adds what no line told of', () => {
    expect(
      tries([
        `12:00:00 sshd[1]: ${failure}  user=root`,
        `12:00:09 sshd[1]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=${R}  user=root`,
      ]),
    ).toBe(6);
  });

  it('of sudo says how often the password was wrong', () => {
    expect(
      tries([
        '12:00:00 sudo: pam_unix(sudo:auth): authentication failure; logname=alice uid=1001 euid=0 tty=/dev/pts/0 ruser=alice rhost=  user=alice',
        '12:00:09 sudo:    alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls',
      ]),
    ).toBe(3);
  });
});

describe('a repeated message', () => {
  it('gives all its tries', () => {
    const assembler = new Assembler();
    const [first, repeated] = eventsOf([
      `12:00:00 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
      `12:00:09 sshd[1]: message repeated 3 times: [ Failed password for root from ${R} port 4022 ssh2]`,
    ]).map((event) => assembler.assemble(event));
    expect(first?.['fleetwall.attempt.ids']).toBeUndefined();
    expect(repeated?.['fleetwall.attempt.ids']).toHaveLength(3);
    expect(repeated?.['fleetwall.attempt.ids']?.[0]).toBe(repeated?.['fleetwall.attempt.id']);
    expect(repeated?.['fleetwall.attempt.ids']).not.toContain(first?.['fleetwall.attempt.id']);
  });

  it('has at most a hundred', () => {
    expect(
      tries([`12:00:00 sshd[1]: message repeated 999999 times: [ Failed password for root from ${R} port 4022 ssh2]`]),
    ).toBe(100);
  });
});

describe('connections', () => {
  it('end with another address under the same pid, and after ten idle minutes', () => {
    expect(
      tries([
        `12:00:00 sshd[1]: Invalid user a from ${R} port 4022`,
        '12:00:01 sshd[1]: Invalid user a from 198.51.100.8 port 4022',
        '12:20:00 sshd[1]: Invalid user a from 198.51.100.8 port 4022',
      ]),
    ).toBe(3);
  });

  it('of one server process are told apart by address', () => {
    const pam = (rhost: string) =>
      `pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=a rhost=${rhost}  user=a`;
    expect(
      tries([
        `12:00:00 auth[1]: ${pam(R)}`,
        `12:00:00 auth[1]: ${pam('198.51.100.8')}`,
        `12:00:05 auth[1]: ${pam(R)}`,
        `12:00:06 auth[1]: ${pam('198.51.100.8')}`,
      ]),
    ).toBe(4);
  });

  it('without a pid count every line of its own time', () => {
    expect(
      tries([
        `12:00:00 sshd: Invalid user a from ${R} port 4022`,
        `12:00:01 sshd: Failed password for invalid user a from ${R} port 4022 ssh2`,
        `12:00:30 sshd: Invalid user b from ${R} port 4023`,
        `12:00:31 sshd: Failed password for invalid user b from ${R} port 4023 ssh2`,
      ]),
    ).toBe(2);
  });

  it('of exim are one for both of its logs that syslog gets, and not for two tries', () => {
    const refused = (micros: string, user: string) =>
      `2026-11-01T12:00:00.${micros}+00:00 web-01 exim[172]: 2026-11-01 12:00:00 plain authenticator failed for (x) [${R}]: 535 Incorrect authentication data (set_id=${user})`;
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
    const assembler = new Assembler();
    const lines = [refused('774803', 'root'), refused('775012', 'root'), refused('775110', 'admin')];
    const events = lines.map((line) => parser.parse(line) as FleetEvent);
    expect(new Set(events.flatMap((event) => idsOf(assembler.assemble(event)))).size).toBe(2);
  });

  it('are forgotten beyond the limit, the least recent first', () => {
    const assembler = new Assembler({ maxConnections: 100 });
    const lines = Array.from(
      { length: 5_000 },
      (_, i) => `12:00:00 sshd[${i}]: Failed password for root from ${R} port 4022 ssh2`,
    );
    expect(tries(lines, assembler)).toBe(5_000);
    expect((JSON.parse(assembler.snapshot()) as { connections: unknown[] }).connections.length).toBeLessThanOrEqual(
      100,
    );
  });
});

describe('an address that a line leaves out', () => {
  it('comes from the connection', () => {
    const assembler = new Assembler();
    const [, locked] = eventsOf([
      `12:00:00 sshd[1]: Connection from ${R} port 4022 on 203.0.113.5 port 22`,
      '12:00:01 sshd[1]: User root not allowed because account is locked',
    ]).map((event) => assembler.assemble(event));
    expect(locked).toMatchObject({ 'source.ip': R, 'fleetwall.source.recovered': true });
  });

  it('comes with the line that ends the connection', () => {
    const assembler = new Assembler();
    const [locked, end] = eventsOf([
      '12:00:01 sshd[1]: User root not allowed because account is locked',
      `12:00:02 sshd[1]: Received disconnect from ${R} port 58846:11: Bye Bye [preauth]`,
    ]).map((event) => assembler.assemble(event));
    expect(end).toMatchObject({
      'source.ip': R,
      'event.outcome': 'failure',
      'fleetwall.attempt.role': 'part',
      'fleetwall.attempt.id': locked?.['fleetwall.attempt.id'],
    });
  });

  it('stays out when the next process has the same pid much later', () => {
    const assembler = new Assembler();
    const [, end] = eventsOf([
      '12:00:01 sshd[1]: User root not allowed because account is locked',
      `12:30:00 sshd[1]: Connection closed by ${R} port 58846 [preauth]`,
    ]).map((event) => assembler.assemble(event));
    expect(end?.['fleetwall.attempt.role']).toBeUndefined();
  });

  it('is awaited for as long as its connection may go on', () => {
    const assembler = new Assembler();
    const [locked, later] = eventsOf([
      '12:00:01 sshd[1]: User root not allowed because account is locked',
      '12:05:01 sshd[1]: User root not allowed because account is locked',
    ]) as [FleetEvent, FleetEvent];
    const minute = 60_000;
    expect(assembler.awaitsSource(locked['@timestamp'])).toBe(false);
    assembler.assemble(locked);
    expect(assembler.awaitsSource(locked['@timestamp'] + 10 * minute)).toBe(true);
    expect(assembler.awaitsSource(locked['@timestamp'] + 10 * minute + 1)).toBe(false);
    assembler.assemble(later);
    const restored = new Assembler();
    restored.restore(assembler.snapshot());
    for (const one of [assembler, restored]) {
      expect(one.awaitsSource(locked['@timestamp'] + 15 * minute)).toBe(true);
      expect(one.awaitsSource(locked['@timestamp'] + 15 * minute + 1)).toBe(false);
    }
  });

  it('is not awaited of other programs, nor where every line has one', () => {
    const assembler = new Assembler();
    for (const event of eventsOf([
      '12:00:00 su[7]: pam_unix(su:auth): authentication failure; logname=a uid=1 euid=0 tty=pts/0 ruser=a rhost=  user=b',
      `12:00:01 sshd[1]: Failed password for root from ${R} port 4022 ssh2`,
    ])) {
      assembler.assemble(event);
      expect(assembler.awaitsSource(event['@timestamp'])).toBe(false);
    }
  });
});

/** A connection as OpenSSH with PAM logs it: `tries` passwords, two seconds apart or within one. */
const connection = fc.record({
  pid: fc.integer({ min: 1, max: 6 }),
  invalid: fc.boolean(),
  pam: fc.constantFrom('none', 'first', 'each'),
  tries: fc.integer({ min: 1, max: 6 }),
  gapS: fc.constantFrom(0, 2),
  summary: fc.boolean(),
});

function linesOf(
  c: { pid: number; invalid: boolean; pam: string; tries: number; gapS: number; summary: boolean },
  startS: number,
) {
  const name = c.invalid ? 'invalid user x' : 'x';
  const port = 40_000 + c.pid;
  const lines: [second: number, text: string][] = [];
  if (c.invalid) lines.push([startS, `Invalid user x from ${R} port ${port}`]);
  for (let i = 0; i < c.tries; i++) {
    const second = startS + i * c.gapS;
    const pamText = c.pam === 'each' ? failure.replace('unix', 'sss') : failure;
    // Lines of one second that are equal to the letter cannot be told from copies; real ones differ.
    if (c.pam === 'each' || (c.pam === 'first' && i === 0)) lines.push([second, `${pamText} user=x${c.gapS ? '' : i}`]);
    lines.push([second, `Failed password for ${name}${c.gapS ? '' : i} from ${R} port ${port} ssh2`]);
  }
  const last = startS + (c.tries - 1) * c.gapS;
  if (c.summary)
    lines.push([
      last,
      `error: maximum authentication attempts exceeded for ${name} from ${R} port ${port} ssh2 [preauth]`,
    ]);
  return lines.map(([second, text]) => ({ second, text: `${clock(second)} sshd[${c.pid}]: ${text}` }));
}

const clock = (second: number) => new Date(second * 1000).toISOString().slice(11, 19);

describe('whatever the order within a second, and however many copies', () => {
  it('a connection has as many tries as it had', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(connection, { selector: (c) => c.pid, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (connections, random) => {
          const lines = connections.flatMap((c) => linesOf(c, 43_200)).sort((a, b) => a.second - b.second);
          const doubled = lines.flatMap((line) => ((random.next().value ?? 0) % 4 === 0 ? [line, line] : [line]));
          const shuffled = doubled
            .map((line) => ({ ...line, key: random.next().value ?? 0 }))
            .sort((a, b) => a.second - b.second || a.key - b.key);
          expect(tries(shuffled.map(({ text }) => text))).toBe(connections.reduce((sum, c) => sum + c.tries, 0));
        },
      ),
      { numRuns: 600 },
    );
  });

  it('a snapshot in between changes nothing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(connection, { selector: (c) => c.pid, maxLength: 4 }),
        fc.nat(40),
        (connections, cut) => {
          const lines = connections.flatMap((c) => linesOf(c, 43_200)).sort((a, b) => a.second - b.second);
          const whole = new Assembler();
          const expected = eventsOf(lines.map(({ text }) => text)).map((event) => idsOf(whole.assemble(event)));
          let assembler = new Assembler();
          const actual = eventsOf(lines.map(({ text }) => text)).map((event, i) => {
            if (i === cut) {
              const restored = new Assembler();
              restored.restore(assembler.snapshot());
              assembler = restored;
            }
            return idsOf(assembler.assemble(event));
          });
          expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a foreign snapshot is refused and changes nothing', () => {
    const assembler = new Assembler();
    const [event] = eventsOf([`12:00:00 sshd[1]: Failed password for root from ${R} port 4022 ssh2`]);
    assembler.assemble(event as FleetEvent);
    const before = assembler.snapshot();
    for (const text of ['', '{}', 'null', '{"version":2,"connections":[]}']) {
      expect(() => assembler.restore(text)).toThrow(SyntaxError);
    }
    expect(assembler.snapshot()).toBe(before);
  });
});
