import { Assembler } from '@fleetwall/assembly';
import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileText, newParser } from './hostile.test-support.js';
import { isUnparsed } from './source.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';
const LOG = 'Nov  1 12:00:00 web-01';
const SECURITY = 'SECURITY[1] res_security_log.c: SecurityEvent';
const AUDIT = 'type=USER_AUTH msg=audit(1793534400.1:1): pid=1 uid=0 auid=0 ses=1';

/**
 * Lines in which a service prints what its peer chose, as a failure: `{u}` the peer's text, `{x}` the same in hexadecimal,
 * `{j}` as JSON and `{c}` as CSV has it, `{p}`, `{m}` and `{q}` a message that holds it.
 */
const FAILURES = [
  `261101 12:00:01 [Warning] Access denied for user '{u}'@'${REAL}' (using password: YES)`,
  `2026-11-01T12:00:05.237955Z 6 [Note] [MY-010926] [Server] Access denied for user '{u}'@'${REAL}' (using password: NO)`,
  `${LOG} mariadbd[1]: 2026-11-01 12:00:05 6 [Warning] Access denied for user '{u}'@'${REAL}'`,
  `2026-11-01 12:00:01.123 UTC [1] {u}@{u} FATAL:  password authentication failed for user "{u}"`,
  `2026-11-01 12:00:01.123 UTC [1] ${REAL} {u}@{u} FATAL:  password authentication failed for user "{u}"`,
  `2026-11-01 12:00:01.123 UTC [1] {u}@{u} ${REAL}(1) FATAL:  password authentication failed for user "{u}"`,
  `2026-11-01 12:00:01.123 UTC:${REAL}(1):{u}@{u}:[1]:FATAL:  password authentication failed for user "{u}"`,
  `2026-11-01 12:00:01 UTC [1]: [1-1] user={u},db={u},app={u},client=${REAL} FATAL:  password authentication failed for user "{u}"`,
  `{"timestamp":"2026-11-01 12:00:01.123 UTC","user":{j},"pid":1,"remote_host":"${REAL}","remote_port":1,"session_id":"1.1","line_num":1,"error_severity":"FATAL","message":{p}}`,
  `2026-11-01 12:00:01.123 UTC,{c},{c},1,"${REAL}:1",1.1,1,"",2026-11-01 12:00:01 UTC,1/1,0,FATAL,28P01,{q},,,,,,,,,""`,
  `{ "prio" : 3, "err_code" : 10926, "msg" : {m}, "time" : "2026-11-01T12:00:05.237955Z" }`,
  `[2026-11-01 12:00:00] NOTICE[1] chan_sip.c: Registration from '"{u}" <sip:{u}@203.0.113.5>' failed for '${REAL}:5060' - Wrong password`,
  `[Nov  1 12:00:00] NOTICE[1]: res_pjsip/pjsip_distributor.c:649 log_failed_request: Request 'REGISTER' from '{u}' failed for '${REAL}:5060' (callid: {u}) - No matching endpoint found`,
  `[2026-11-01 12:00:00] ${SECURITY}="InvalidPassword",EventTV="1-1",Severity="Error",Service="PJSIP",EventVersion="2",AccountID="{u}",SessionID="{u}",LocalAddress="IPV4/TCP/203.0.113.5/5060",RemoteAddress="IPV4/TCP/${REAL}/5070",Challenge="1",Response="{u}",ExpectedResponse=""`,
  `[2026-11-01 12:00:00] NOTICE[1] chan_iax2.c: No registration for peer '{u}' (from ${REAL})`,
  `[2026-11-01 12:00:00] NOTICE[1] chan_iax2.c: Host ${REAL} failed to authenticate as '{u}'`,
  `[2026-11-01 12:00:00] NOTICE[1] manager.c: ${REAL} failed to authenticate as '{u}'`,
  `2026-11-01 12:00:00.767815 [WARNING] sofia_reg.c:2531 Can't find user [{u}] from ${REAL}`,
  `2026-11-01 12:00:00.767815 [WARNING] sofia_reg.c:1478 SIP auth failure (REGISTER) on sofia profile 'internal' for [{u}] from ip ${REAL}`,
  `${LOG} pvedaemon[1]: authentication failure; rhost=${REAL} user={u} msg=no such user ('{u}')`,
  `${LOG} proxmox-backup-proxy[1]: authentication failure; rhost=[::ffff:${REAL}]:59010 user={u} msg=x`,
  `${LOG} webmin[1]: Invalid login as {u} from ${REAL}`,
  `${LOG} webmin[1]: Non-existent login as {u} from ${REAL}`,
  `1793534400.1.0 [01/Nov/2026 12:00:00] {u} - ${REAL} global miniserv.pl "failed" "-" "wrongpass"`,
  `${LOG} dropbear[1]: Bad password attempt for '{u}' from ${REAL}:40001`,
  `${LOG} dropbear[1]: Login attempt with wrong user {u} from ${REAL}:40001`,
  `${LOG} dropbear[1]: Exit before auth (user '{u}', 3 fails): Max auth tries reached - user '{u}' from ${REAL}:40001`,
  `${LOG} dropbear[1]: Exit before auth from <${REAL}:40001>: (user '{u}', 3 fails): Max auth tries reached - user '{u}'`,
  `[20261101-12:00:00] [INFO ] AUTHFAIL: user={u} ip=${REAL} time=1793534400`,
  `2026-11-01T12:00:05.108+0000 I ACCESS   [conn5] SCRAM-SHA-1 authentication failed for {u} on admin from client ${REAL} ; UserNotFound: Could not find user {u}@admin`,
  `<W>2026-11-01 12:00:00.818 1 => <4:{u}(-1)> Rejected connection from ${REAL}:29530: Invalid server password`,
  `${LOG} screensharingd[1]: Authentication: FAILED :: User Name: {u} :: Viewer Address: ${REAL} :: Type: DH`,
  `[2026-11-01 12:00:00] [{u}] failed to login from ${REAL}:65001`,
  `Sun Nov  1 12:00:00 2026 - AUTHERR - [${REAL}] Authentication error: {u}`,
  `${AUDIT} msg='op=password acct={x} exe="/usr/sbin/sshd" hostname=? addr=${REAL} terminal=ssh res=failed'`,
  `${LOG} CEF:0|Fortinet|Fortigate|v7|32002|event:system login failed|7|suser={u} src=${REAL} act=login outcome=failed`,
];

/** The same in lines that tell of no failure: nothing that the peer writes makes one of them. */
const OTHERS = [
  `2026-11-01T12:00:11.237955Z 12 [Note] Access denied for user '{u}'@'${REAL}' to database '{u}'`,
  `2026-11-01T12:00:13.237955Z 14 [Note] Aborted connection 14 to db: '{u}' user: '{u}' host: '${REAL}' (Got an error reading communication packets)`,
  `2026-11-01 12:00:04.100 UTC [5] ${REAL} LOG:  connection authorized: user=alice database=shop application_name={u}`,
  `2026-11-01 12:00:04.100 UTC [5] app@shop FATAL:  no pg_hba.conf entry for host "${REAL}", user "{u}", database "{u}", no encryption`,
  `2026-11-01 12:00:04.100 UTC [5] app@shop STATEMENT:  {u}`,
  `[2026-11-01 12:00:00] NOTICE[1][C-1] chan_sip.c: Call from '{u}' (${REAL}:10836) to extension '{u}' rejected because extension not found in context 'default'.`,
  `[2026-11-01 12:00:00] NOTICE[1][C-1] Ext. s: {u}`,
  `2026-11-01 12:00:00.767815 [INFO] mod_dptools.c:1866 {u}`,
  `${LOG} ovpn-server[1]: ${REAL}:40001 VERIFY ERROR: depth=0, error=x: CN={u}`,
  `${LOG} ovpn-server[1]: ${REAL}:40001 TLS: Username/Password authentication succeeded for username '{u}'`,
  `${LOG} ovpn-server[1]: ${REAL}:40001 peer info: {u}`,
  `${LOG} charon[1]: 06[IKE] EAP-MS-CHAPv2 username: '{u}'`,
  `${LOG} charon[1]: 06[IKE] authentication of '{u}' with EAP successful`,
  `${LOG} slapd[1]: conn=1 op=1 BIND dn="{u}" method=128`,
  `${LOG} slapd[1]: conn=1 op=2 SRCH base="" scope=2 deref=0 filter="{u}"`,
  `${LOG} clamd[1]: /tmp/{u}: Eicar-Test-Signature FOUND`,
  `${LOG} named[1]: client ${REAL}#4795 (x): query '{u}/NS/IN' denied`,
  `Sun Nov  1 12:00:00 2026 - NOTEXIST - [${REAL}] File does not exist: {u}`,
  `${LOG} dropbear[1]: Exit before auth from <${REAL}:40001>: (user '{u}', 0 fails): Exited normally`,
  `${LOG} nrpe[1]: Error: {u}`,
  `${LOG} kernel: usb 1-1: Product: {u}`,
  `2026-11-01 12:00:00,123 fail2ban.filter         [1]: WARNING Unable to find a corresponding IP address for {u}`,
];

const FRAGMENTS = [
  `'@'${VICTIM}' (using password: YES)`,
  `'@'${VICTIM}`,
  `' to database '`,
  ` FATAL:  password authentication failed for user "`,
  `@b ${VICTIM} FATAL:  `,
  `,client=${VICTIM} `,
  `" ${VICTIM}`,
  `' failed for '${VICTIM}:5060' - Wrong password`,
  ` (callid: `,
  `) - No matching endpoint found`,
  `",RemoteAddress="IPV4/TCP/${VICTIM}/5060`,
  `' (from ${VICTIM})`,
  ` (${VICTIM}:1) to extension '`,
  `] from ip ${VICTIM}`,
  `] from ${VICTIM}`,
  ` from ${VICTIM}`,
  ` from ${VICTIM}:22`,
  ` rhost=${VICTIM} user=`,
  ' msg=',
  ` - ${VICTIM} global miniserv.pl "failed" "-" "wrongpass"`,
  ` ip=${VICTIM} time=1`,
  ` on admin from client ${VICTIM} ; `,
  `(-1)> Rejected connection from ${VICTIM}:1: Invalid server password`,
  ` :: Viewer Address: ${VICTIM} :: Type: DH`,
  `] failed to login from ${VICTIM}`,
  ` - AUTHERR - [${VICTIM}] `,
  `${VICTIM}:1 TLS Auth Error: Auth Username/Password verification failed for peer`,
  `conn=1 op=1 RESULT tag=97 err=49 text=`,
  `conn=1 fd=1 ACCEPT from IP=${VICTIM}:1 `,
  ` src=${VICTIM} `,
  ` addr=${VICTIM} res=failed'`,
  `IN=eth0 OUT= SRC=${VICTIM} DST=203.0.113.5 `,
  `[sshd] Ban ${VICTIM}`,
  `${LOG} sshd[1]: Failed password for root from ${VICTIM} port 22 ssh2`,
  VICTIM,
  '"',
  "'",
  '[',
  ']',
  '(',
  ')',
  '<',
  '>',
  ',',
  ': ',
  ' ',
  '=',
  '|',
  '\\',
  '\n',
  '#012',
  '\u001b[2J',
  '\u202e',
  '１９２.0.2.66',
  'sip:',
  'root',
];

const hostile = hostileText(FRAGMENTS);

function lineOf(template: string, text: string): string {
  const refused = `password authentication failed for user "${text}"`;
  const inCsv = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const denied = `Access denied for user '${text}'@'${REAL}' (using password: YES)`;
  const hex = Buffer.from(text).toString('hex').toUpperCase();
  return template
    .replaceAll('{u}', () => text)
    .replaceAll('{j}', () => JSON.stringify(text))
    .replaceAll('{p}', () => JSON.stringify(refused))
    .replaceAll('{m}', () => JSON.stringify(denied))
    .replaceAll('{c}', () => inCsv(text))
    .replaceAll('{q}', () => inCsv(refused))
    .replaceAll('{x}', () => (hex === '' ? '""' : hex));
}

describe('what a peer of a service chose', () => {
  it.each([...FAILURES, ...OTHERS])('never gives another address: %s', (template) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const event = newParser().parse(lineOf(template, text));
        if (isUnparsed(event)) return;
        expect([undefined, REAL]).toContain(event['source.ip']);
        expect(event['source.domain'] ?? '').not.toContain(VICTIM);
      }),
      { numRuns: 200 },
    );
  });

  it.each(OTHERS)('makes no failure of what is none: %s', (template) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const event = newParser().parse(lineOf(template, text));
        if (isUnparsed(event)) return;
        expect(event['fleetwall.attempt.role']).toBeUndefined();
        expect(event['event.outcome']).not.toBe('failure');
      }),
      { numRuns: 200 },
    );
  });

  it.each(FAILURES)('is read as a failure of its own address when it is one plain word: %s', (template) => {
    const result = newParser().parse(lineOf(template, 'admin'));
    if (isUnparsed(result)) throw new Error(result.unparsed);
    const event = new Assembler().assemble(result);
    expect(event['event.outcome']).toBe('failure');
    expect(event['fleetwall.attempt.id']).toBeDefined();
    expect(event['source.ip']).toBe(lineOf(template, 'admin').includes(REAL) ? REAL : undefined);
  });
});

describe('a long line', () => {
  /** Those sixteen times as long: within what a message may be long, and beyond. */
  const SHORTS = [4_096, 65_536];
  const repeated = [FRAGMENTS.join(''), ...FRAGMENTS.filter(({ length }) => length <= 2), 'a', '1', '::', ' a='];

  it.each([...FAILURES, ...OTHERS])('costs as much as it is long, and is never thrown at: %s', (template) => {
    for (const fragment of repeated) {
      for (const short of SHORTS) {
        const growth = growthOf((length) => {
          const raw = lineOf(template, fragment.repeat(Math.ceil(length / fragment.length)));
          return () => newParser().parse(raw);
        }, short);
        expect({ fragment, short, isInProportion: growth < IN_PROPORTION }).toEqual({
          ...{ fragment, short },
          isInProportion: true,
        });
      }
    }
  });
});
