import { Assembler } from '@fleetwall/assembly';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from './line-parser.js';
import { isUnparsed } from './source.js';

const PEER = '198.51.100.7';

/** How many tries the lines tell of; each log is a stream of its own, and all are one host's. */
function triesOf(...logs: string[][]): number {
  const assembler = new Assembler();
  const ids = new Set<string>();
  for (const lines of logs) {
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'web-01' });
    for (const line of lines) {
      const result = parser.parse(line);
      if (isUnparsed(result)) throw new Error(`not read (${result.unparsed}): ${line}`);
      const event = assembler.assemble(result);
      const id = event['fleetwall.attempt.id'];
      for (const one of event['fleetwall.attempt.ids'] ?? (id === undefined ? [] : [id])) ids.add(one);
    }
  }
  return ids.size;
}

const syslog = (rest: string) => `Nov  1 12:00:00 web-01 ${rest}`;
const audit = (type: string, operation: string, executable: string, pid: number, serial: number) =>
  `type=${type} msg=audit(1793534400.${100 + serial}:${serial}): pid=${pid} uid=0 auid=4294967295 ses=4294967295 msg='op=${operation} acct="alice" exe="${executable}" hostname=${PEER} addr=${PEER} terminal=ssh res=failed'`;

describe('one try', () => {
  it('at sshd counts once, whether its own log, PAM or auditing tells of it', () => {
    const own = [
      syslog(
        `sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${PEER}  user=alice`,
      ),
      syslog(`sshd[7]: Failed password for alice from ${PEER} port 4022 ssh2`),
    ];
    const records = [
      audit('USER_AUTH', 'PAM:authentication', '/usr/sbin/sshd', 7, 1),
      audit('USER_AUTH', 'password', '/usr/sbin/sshd', 7, 2),
      audit('USER_LOGIN', 'login', '/usr/sbin/sshd', 7, 3),
    ];
    expect(triesOf(own, records)).toBe(1);
    expect(triesOf(records, own)).toBe(1);
  });

  it('at vsftpd counts once, though PAM and auditing tell of it from other processes', () => {
    const own = [
      syslog(
        `vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=alice rhost=${PEER}  user=alice`,
      ),
    ];
    expect(triesOf(own, [audit('USER_AUTH', 'PAM:authentication', '/usr/sbin/vsftpd', 9, 1)])).toBe(1);
  });

  it('at Proxmox counts once, told by PAM and by the daemon', () => {
    const lines = [
      syslog(
        `pvedaemon[3]: pam_unix(proxmox-ve-auth:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=::ffff:${PEER}  user=root`,
      ),
      syslog(`pvedaemon[3]: authentication failure; rhost=::ffff:${PEER} user=root@pam msg=Authentication failure`),
    ];
    expect(triesOf(lines)).toBe(1);
  });

  it('at Webmin counts once, in syslog and in its log of actions', () => {
    const action = `1793534400.1.0 [01/Nov/2026 12:00:00] root - ${PEER} global miniserv.pl "failed" "-" "wrongpass"`;
    expect(triesOf([syslog(`webmin[5]: Invalid login as root from ${PEER}`)], [action])).toBe(1);
  });

  it('at Asterisk counts once, as a notice and as a security event; three of them count three times', () => {
    const tell = (second: number) => [
      `[2026-11-01 12:00:0${second}] NOTICE[1] chan_sip.c: Registration from '<sip:100@203.0.113.5>' failed for '${PEER}:5060' - Wrong password`,
      `[2026-11-01 12:00:0${second}] SECURITY[1] res_security_log.c: SecurityEvent="InvalidPassword",EventTV="1-1",Severity="Error",Service="SIP",EventVersion="2",AccountID="100",SessionID="0x1",LocalAddress="IPV4/UDP/203.0.113.5/5060",RemoteAddress="IPV4/UDP/${PEER}/5060",Challenge="1"`,
    ];
    expect(triesOf(tell(1))).toBe(1);
    expect(triesOf([...tell(1), ...tell(2), ...tell(3)])).toBe(3);
  });
});
