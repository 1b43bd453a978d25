import { PassThrough } from 'node:stream';
import { decodeEvent, encodeEvent } from '@fleetwall/core';
import { LineParser } from '@fleetwall/sources';
import { describe, expect, it } from '@jest/globals';
import { Output } from '../../cli/src/output.js';
import { Chain, R, shipped, V } from './chain.js';

const T = Date.UTC(2026, 10, 22, 7);
const detections = await shipped();
const chain = () => new Chain(detections, T + 60_000);

/** The message six times, each a connection of its own. */
function sixTimes(message: string, program = 'sshd'): string[] {
  return Array.from({ length: 6 }, (_, n) => `Nov 22 07:00:0${n} web-01 ${program}[${100 + n}]: ${message}`);
}

const UNIX_FAILURE = 'authentication failure; logname= uid=0 euid=0';

describe('a name that looks like the rest of the line, six times, from the raw line to the firewall', () => {
  it.each([
    ['A01', 'sshd', `Failed password for invalid user root from ${V} port 22 ssh2 from ${R} port 4022 ssh2`],
    ['A02', 'sshd', `Invalid user x x x ${V} from ${R} port 4022`],
    ['A02', 'sshd', `Failed password for invalid user ${V} a a from ${R} port 4022 ssh2`],
    ['A04', 'sshd', `Invalid user  from ${R} port 4022`],
    ['A04', 'sshd', `Failed password for invalid user  from ${R} port 4022 ssh2`],
    ['A06', 'vsftpd', `pam_unix(vsftpd:auth): ${UNIX_FAILURE} tty=ftp ruser=x rhost=${V} rhost=${R}  user=root`],
    ['A06', 'sshd', `pam_unix(sshd:auth): ${UNIX_FAILURE} tty=ssh ruser= rhost=${R}  user=x rhost=${V}`],
    ['A21', 'sshd', `Failed password for invalid user \x1b]0;t\x07\x1b[2J\r\u202e\u2066 from ${R} port 4022 ssh2`],
    ['A22', 'sshd', `Failed password for invalid user a\0b\ufffd\ufffe from ${R} port 4022 ssh2`],
  ])('%s %s %j blocks the peer alone', async (_id, program, message) => {
    const subject = chain();
    for (const line of sixTimes(message, program)) {
      expect(subject.line(line)).toMatchObject({ 'source.ip': R, 'event.outcome': 'failure', 'event.original': line });
    }
    expect([...subject.addresses()]).toEqual([R]);
    expect(await subject.inForce()).toEqual([R]);
  });

  it.each([
    ['A03', `Bad protocol version identification 'User root from ${V}' from ${R} port 4022`],
    ['A05', `Close session: user ansible from ${R} port 4022 id 0`],
  ])('%s %j is no failed logon', async (_id, message) => {
    const subject = chain();
    for (const line of sixTimes(message)) expect(subject.line(line)?.['source.ip'] ?? R).toBe(R);
    expect(subject.alerts).toEqual([]);
    expect(await subject.inForce()).toEqual([]);
  });

  it.each([
    ['A24', 'sshd', 'Failed password for root from \uff11\uff19\uff12.0.2.66 port 4022 ssh2'],
    ['A06', 'vsftpd', `pam_sss(vsftpd:auth): ${UNIX_FAILURE} tty=ftp ruser=x rhost=${R} user=x rhost=${V}`],
    ['A01', 'sshd', `Failed password for invalid user x from ${V} port 22 ssh2: y from ${R} port 4022 ssh2`],
  ])('%s %s %j gives no address, so nobody is blocked', async (_id, program, message) => {
    const subject = chain();
    for (const line of sixTimes(message, program)) expect(subject.line(line)?.['source.ip']).toBeUndefined();
    expect([...subject.addresses()]).toEqual([]);
    expect(await subject.inForce()).toEqual([]);
  });

  it('A04: an empty name is an empty name', () => {
    expect(chain().line(sixTimes(`Invalid user  from ${R} port 4022`)[0] as string)?.['user.name']).toBe('');
  });
});

describe('A19: words from afar, or of an ordinary user', () => {
  const text = `Failed password for root from ${V} port 22 ssh2`;

  it('over UDP are unauthenticated, of the host that sent them, and block nobody', async () => {
    const subject = chain();
    const options = { zone: 'UTC', year: { nowMs: () => T }, defaultHost: R } as const;
    const parser = new LineParser({ ...options, evidence: 'unauthenticated', hostFrom: 'default' });
    for (let n = 0; n < 50; n++) {
      const event = parser.parse(`<34>Nov 22 07:00:00 otherhost sshd[${n}]: ${text}`);
      if (!('event.module' in event)) throw new Error('no event');
      expect(event).toMatchObject({ 'host.name': R, 'fleetwall.evidence': 'unauthenticated' });
      event['fleetwall.attempt.id'] = n.toString(16).padStart(12, '0');
      subject.event(event);
    }
    expect(subject.alerts.length).toBeGreaterThan(0);
    expect(subject.alerts.every(({ evidenceClass }) => evidenceClass === 'unauthenticated')).toBe(true);
    expect(subject.blocks()).toEqual([]);
    expect(await subject.inForce()).toEqual([]);
  });

  it('`logger -t sshd` into the journal blocks nobody, however the user names the program', async () => {
    const subject = chain();
    for (let n = 0; n < 50; n++) {
      const comm = n % 2 === 0 ? 'logger' : 'sshd';
      const entry = {
        ...{ MESSAGE: text, SYSLOG_IDENTIFIER: 'sshd', SYSLOG_PID: `${n}`, _PID: `${n}`, _UID: '1000', _COMM: comm },
        ...{ _HOSTNAME: 'web-01', _TRANSPORT: 'syslog', __REALTIME_TIMESTAMP: `${T + n}000` },
      };
      subject.line(JSON.stringify(entry), { origin: { uid: 1_000, comm } });
    }
    expect(subject.events).toHaveLength(50);
    expect(subject.blocks()).toEqual([]);
    expect(await subject.inForce()).toEqual([]);
  });
});

describe('B12: evidence that anyone can forge', () => {
  it('10,000 lines that name a victim on 20 hosts lead to alerts at most', async () => {
    const subject = chain();
    const year = { nowMs: () => T };
    const parser = new LineParser({ zone: 'UTC', year, defaultHost: 'x', evidence: 'spoofable' });
    for (let n = 0; n < 10_000; n++) {
      const line = `Nov 22 07:00:${String(n % 60).padStart(2, '0')} web-${n % 20} sshd[${n}]: Failed password for root from ${V} port 22 ssh2`;
      const event = parser.parse(line);
      if (!('event.module' in event)) throw new Error('no event');
      event['fleetwall.attempt.id'] = n.toString(16).padStart(12, '0');
      subject.event(event);
    }
    subject.counter.flush();
    subject.decide();
    expect(subject.alerts.length).toBeGreaterThan(0);
    expect(subject.blocks()).toEqual([]);
    expect(await subject.inForce()).toEqual([]);
  });
});

describe('A21: what a terminal would obey', () => {
  const user = '\x1b]0;t\x07\x1b[2J\r\u202e\u2066';
  const line = sixTimes(`Invalid user ${user} from ${R} port 4022`)[0] as string;

  it('is carried and stored as it is', () => {
    const event = chain().line(line);
    expect(event).toMatchObject({ 'user.name': user, 'event.original': line });
    expect(event && decodeEvent(encodeEvent(event))).toMatchObject({ 'user.name': user, 'event.original': line });
  });

  it('reaches no terminal: tables and JSON show it escaped', () => {
    const screen = new PassThrough() as unknown as NodeJS.WriteStream;
    const output = new Output(screen, screen);
    output.table([['USER'], [user]]);
    output.json({ user });
    const shown = String(screen.read());
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(shown).toContain('\\x1b]0;t\\x07');
    expect(JSON.parse(shown.trim().split('\n').at(-1) as string)).toEqual({ user });
  });
});
