import { Assembler } from '@fleetwall/assembly';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from './line-parser.js';
import { isUnparsed } from './source.js';

/** The tries that lines tell of, each a line of one host's logs. */
function triesOf(lines: string[]): number {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'mail-01' });
  const assembler = new Assembler();
  const ids = new Set<string>();
  for (const line of lines) {
    const result = parser.parse(line);
    if (isUnparsed(result)) throw new Error(`not read (${result.unparsed}): ${line}`);
    for (const id of idsOf(assembler.assemble(result))) ids.add(id);
  }
  return ids.size;
}

function idsOf(event: FleetEvent): string[] {
  const id = event['fleetwall.attempt.id'];
  return event['fleetwall.attempt.ids'] ?? (id === undefined ? [] : [id]);
}

const at = (second: number, rest: string) => `Nov  2 12:00:${String(second).padStart(2, '0')} mail-01 ${rest}`;

/** PAM's line about one try. */
const pam = (second: number, program: string, service: string, tty: string, peer = '198.51.100.7') =>
  at(
    second,
    `${program}: pam_unix(${service}:auth): authentication failure; logname= uid=0 euid=0 tty=${tty} ruser=alice rhost=${peer}  user=alice`,
  );

describe('tries of dovecot', () => {
  const ended = (second: number, count: number, peer = '198.51.100.7') =>
    at(
      second,
      `dovecot: imap-login: Disconnected (auth failed, ${count} attempts in 9 secs): user=<alice>, method=PLAIN, rip=${peer}, lip=203.0.113.5, TLS, session=<abc${second}>`,
    );
  const auth = (second: number, driver: string) =>
    at(second, `dovecot: auth-worker(7): ${driver}(alice,198.51.100.7,<abc>): Password mismatch`);

  it('told by PAM, by auth and at the end of the connection are the same three', () => {
    const lines = [1, 3, 5].flatMap((second) => [
      pam(second, 'auth', 'dovecot', 'dovecot'),
      at(
        second,
        'dovecot: auth-worker(7): pam(alice,198.51.100.7,<abc>): pam_authenticate() failed: Authentication failure (Password mismatch?)',
      ),
    ]);
    expect(triesOf([...lines, ended(7, 3)])).toBe(3);
    expect(triesOf([ended(7, 3), ...lines])).toBe(3);
  });

  it('count once when two databases of users were asked', () => {
    expect(triesOf([auth(1, 'sql'), auth(1, 'passwd-file'), auth(4, 'sql'), auth(4, 'passwd-file'), ended(6, 2)])).toBe(
      2,
    );
  });

  it('on several connections of one address add up', () => {
    expect(triesOf([ended(1, 2), ended(5, 1), ended(9, 3)])).toBe(6);
  });

  it('are those of their own address', () => {
    expect(
      triesOf([ended(1, 2), ended(1, 2, '198.51.100.8'), pam(0, 'auth', 'dovecot', 'dovecot', '198.51.100.8')]),
    ).toBe(4);
  });

  it('are known by their terminal when the service of PAM has another name', () => {
    expect(triesOf([pam(1, 'auth', 'mail', 'dovecot'), ended(3, 1)])).toBe(1);
  });
});

describe('tries of mail servers that ask Dovecot', () => {
  const asked = (second: number) => [
    pam(second, 'auth', 'dovecot', 'dovecot'),
    at(second, 'dovecot: auth-worker(7): pam(alice,198.51.100.7): unknown user'),
  ];

  it('are told by postfix, too', () => {
    const own = (second: number) =>
      at(
        second,
        `postfix/smtpd[${second}]: warning: unknown[198.51.100.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
      );
    expect(triesOf([1, 4].flatMap((second) => [...asked(second), own(second + 2)]))).toBe(2);
  });

  it('are told by exim, too', () => {
    const own = (second: number) =>
      `2026-11-02 12:00:0${second} dovecot_login authenticator failed for (x) [198.51.100.7]: 535 Incorrect authentication data (set_id=alice)`;
    expect(triesOf([1, 4].flatMap((second) => [...asked(second), own(second + 2)]))).toBe(2);
  });
});

describe('tries of FTP servers', () => {
  it('are told by vsftpd and by PAM', () => {
    const own = (second: number) =>
      `Mon Nov  2 12:00:0${second} 2026 [pid 9] [alice] FAIL LOGIN: Client "198.51.100.7"`;
    const lines = [1, 4].flatMap((second) => [pam(second, 'vsftpd[8]', 'vsftpd', 'ftp'), own(second + 2)]);
    expect(triesOf(lines)).toBe(2);
  });

  it('are told by proftpd and by PAM, and once more at the end', () => {
    const client = 'proftpd[8]: 203.0.113.5 (198.51.100.7[198.51.100.7]) -';
    const lines = [1, 3, 5].flatMap((second) => [
      pam(second, 'proftpd[8]', 'proftpd', ''),
      at(second + 1, `${client} USER alice (Login failed): Incorrect password`),
    ]);
    expect(triesOf([...lines, at(7, `${client} Maximum login attempts (3) exceeded, connection refused`)])).toBe(3);
  });
});
