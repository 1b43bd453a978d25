import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileText, newParser } from './hostile.test-support.js';
import { isUnparsed } from './source.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';

const SYSLOG = 'Nov  2 12:00:00 host-01 ';

/**
 * Lines of FTP and mail servers in which a peer's own text stands: `{u}` the text, `{r}` the peer's address. `tells` is
 * what an honest line tells: a failed try, a logon, or neither.
 */
const TEMPLATES: readonly { tells: 'failure' | 'success' | 'nothing'; line: string }[] = [
  { tells: 'failure', line: 'Mon Nov  2 12:00:00 2026 [pid 3] [{u}] FAIL LOGIN: Client "{r}"' },
  { tells: 'success', line: 'Mon Nov  2 12:00:00 2026 [pid 3] [ftp] OK LOGIN: Client "{r}", anon password "{u}"' },
  { tells: 'nothing', line: 'Mon Nov  2 12:00:00 2026 [pid 3] FTP command: Client "{r}", "USER {u}"' },
  {
    tells: 'nothing',
    line: 'Mon Nov  2 12:00:00 2026 [pid 3] [bob] OK UPLOAD: Client "{r}", "/{u}", 1 bytes, 1.20Kbyte/sec',
  },
  { tells: 'failure', line: `${SYSLOG}vsftpd[3]: [{u}] FAIL LOGIN: Client "{r}"` },
  {
    tells: 'failure',
    line: `${SYSLOG}proftpd[3]: 203.0.113.5 (x[{r}]) - USER {u}: no such user found from x [{r}] to 203.0.113.5:21`,
  },
  {
    tells: 'failure',
    line: `${SYSLOG}proftpd[3]: 203.0.113.5 ({r}[{r}]) - USER {u} (Login failed): Incorrect password`,
  },
  {
    tells: 'failure',
    line: '2026-11-02 12:00:00,124 ftp-01 proftpd[8] ftp.example.com ({r}[{r}]): USER {u} (Login failed): Incorrect password',
  },
  { tells: 'failure', line: `${SYSLOG}pure-ftpd: (?@{r}) [WARNING] Authentication failed for user [{u}]` },
  { tells: 'failure', line: `${SYSLOG}ftpd[3]: failed login from client.example.com [{r}], {u}` },
  { tells: 'success', line: `${SYSLOG}ftpd[3]: ANONYMOUS FTP LOGIN FROM client.example.com [{r}], {u}` },
  {
    tells: 'failure',
    line: `${SYSLOG}dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{u}>, method=PLAIN, rip={r}, lip=203.0.113.5, TLS, session=<abcdefgh>`,
  },
  {
    tells: 'failure',
    line: `${SYSLOG}dovecot: imap-login: Login aborted: Connection closed (auth failed, 2 attempts in 2 secs) (auth_failed): user=<>, method={u}, rip={r}, lip=203.0.113.5`,
  },
  {
    tells: 'nothing',
    line: `${SYSLOG}dovecot: pop3-login: Disconnected (no auth attempts in 2 secs): user=<{u}>, rip={r}, lip=203.0.113.5`,
  },
  {
    tells: 'failure',
    line: `${SYSLOG}dovecot: auth-worker(7): pam({u},{r}): pam_authenticate() failed: Authentication failure (Password mismatch?)`,
  },
  { tells: 'failure', line: `${SYSLOG}dovecot: auth: sql({u},{r},<abcdefgh>): unknown user (given password: {u})` },
  { tells: 'failure', line: `${SYSLOG}dovecot: auth({u},{r},sasl:plain)<abcdefgh>: sql: Password mismatch` },
  { tells: 'failure', line: `Nov 02 12:00:00 auth({u},{r},sasl:plain)<abcdefgh>: Info: sql: Password mismatch` },
  {
    tells: 'failure',
    line: `${SYSLOG}dovecot: imap-login: proxy({u}): Login failed to 203.0.113.6:143: x: user=<{u}>, method=PLAIN, rip={r}, lip=203.0.113.5`,
  },
  {
    tells: 'failure',
    line: `${SYSLOG}postfix/smtpd[3]: warning: unknown[{r}]: SASL LOGIN authentication failed: x, sasl_username={u}`,
  },
  {
    tells: 'nothing',
    line: `${SYSLOG}postfix/smtpd[3]: NOQUEUE: reject: RCPT from unknown[{r}]: 554 5.7.1 <{u}>: Relay access denied; from=<{u}> to=<d> proto=ESMTP helo=<{u}>`,
  },
  { tells: 'nothing', line: `${SYSLOG}postfix/smtpd[3]: warning: non-SMTP command from unknown[{r}]: {u}` },
  {
    tells: 'success',
    line: `${SYSLOG}postfix/smtpd[3]: 1D8CC1CA0A7F: client=unknown[{r}], sasl_method=LOGIN, sasl_username=alice, sasl_sender={u}`,
  },
  {
    tells: 'failure',
    line: '2026-11-02 12:00:00 login authenticator failed for (x) [{r}]: 535 Incorrect authentication data (set_id={u})',
  },
  {
    tells: 'failure',
    line: `${SYSLOG}exim[3]: login authenticator failed for (x) [{r}]: 535 Incorrect authentication data (set_id={u})`,
  },
  { tells: 'nothing', line: '2026-11-02 12:00:00 H=(x) [{r}] F=<{u}> rejected RCPT <{u}>: relay not permitted' },
  { tells: 'nothing', line: '2026-11-02 12:00:00 1unmew-0000ea-SE <= {u}@d H=(helo) [{r}] P=esmtp S=1 T="{u}"' },
  { tells: 'nothing', line: '2026-11-02 12:00:00 SMTP syntax error in "{u}" H=(helo) [{r}] unrecognized command' },
  {
    tells: 'failure',
    line: `${SYSLOG}sm-mta[3]: xA32R2PQ352956: AUTH failure (LOGIN): authentication failure (-13) SASL(-13): authentication failure: checkpass failed, user={u}, relay=[{r}]`,
  },
  {
    tells: 'nothing',
    line: `${SYSLOG}sm-mta[3]: xA32R2PQ352956: ruleset=check_rcpt, arg1=<{u}>, relay=[{r}], reject=550 5.7.1 <{u}>... Relaying denied`,
  },
  {
    tells: 'failure',
    line: `${SYSLOG}cyrus/imap[3]: badlogin: client.example.com [{r}] plaintext {u} SASL(-13): authentication failure: checkpass failed`,
  },
  { tells: 'failure', line: `${SYSLOG}imapd[3]: LOGIN FAILED, user={u}, ip=[::ffff:{r}]` },
  { tells: 'nothing', line: `${SYSLOG}courieresmtpd: error,relay=::ffff:{r},from=<{u}>,to=<{u}>: 550 User unknown.` },
  { tells: 'failure', line: `${SYSLOG}ipop3d[3]: Login failed user={u} auth={u} host=client.example.com [{r}]` },
  {
    tells: 'failure',
    line: `${SYSLOG}saslauthd[3]: do_auth         : auth failure: [user={u}] [service=smtp] [realm={u}] [mech=pam] [reason=PAM auth error]`,
  },
  { tells: 'failure', line: "[02/Nov/2026 12:00:00] SMTP: User {u} doesn't exist. Attempt from IP address {r}." },
  {
    tells: 'nothing',
    line: '[02/Nov/2026 12:00:00] Attempt to deliver to unknown recipient <{u}>, from <{u}>, IP address {r}',
  },
  {
    tells: 'nothing',
    line: '[02/Nov/2026 12:00:00] Relay attempt from IP address {r}, mail from <{u}> to <{u}> rejected',
  },
  {
    tells: 'failure',
    line: 'Nov 02 12:00:00 HORDE [error] [horde] FAILED LOGIN for {u} [{r}] to Horde [on line 1 of "/x.php"]',
  },
  {
    tells: 'failure',
    line: 'Nov 02 12:00:00 HORDE [error] [horde] FAILED LOGIN for x [{r}] (forwarded for [{u}]) to Horde [on line 1 of "/x.php"]',
  },
  {
    tells: 'failure',
    line: '11/02/2026 12:00:00 [LOGIN_ERROR] {u} (example.com) from {r}: Unknown user or password incorrect.',
  },
  {
    tells: 'failure',
    line: "Nov 02 12:00:00 sogod [1]: SOGoRootPage Login from '{r}' for user '{u}' might not have worked - password policy: 65535  grace: -1  expire: -1  bound: 0",
  },
  { tells: 'failure', line: "2026:11:02-12:00:00: '{r}' 2 failed login attempts. Account '{u}'" },
  {
    tells: 'failure',
    line: '[2026-11-02 12:00:00 +0100] info [cpsrvd] {r} - {u} "POST /login/ HTTP/1.1" FAILED LOGIN cpaneld: invalid cpanel user {u} (loadcpdata failed)',
  },
  {
    tells: 'nothing',
    line: 'Nov-02-26 12:00:00 m1-25391-06124 [Worker_1] {r} <{u}> to: {u} relay attempt blocked for: c@example.org',
  },
  {
    tells: 'failure',
    line: `${SYSLOG}perdition[3]: Auth: {r}:4000->203.0.113.5:110 client-secure=plaintext authorisation_id=NONE authentication_id="{u}" server="m:110" protocol=POP3 server-secure=plaintext status="failed: Re-Authentication Failure"`,
  },
  { tells: 'failure', line: `${SYSLOG}solid-pop3d[3]: authentication failed: no such user: {u} - {r}` },
  { tells: 'failure', line: `${SYSLOG}vpopmail[3]: vchkpw-pop3: password fail (pass: '{u}') alice:{r}` },
  {
    tells: 'failure',
    line: `${SYSLOG}vsftpd[3]: message repeated 2 times: [ [{u}] FAIL LOGIN: Client "{r}"]`,
  },
];

const FRAGMENTS = [
  ` from ${VICTIM}`,
  `[${VICTIM}]`,
  ` [${VICTIM}]: `,
  `) [${VICTIM}]: 535 Incorrect authentication data`,
  `] FAIL LOGIN: Client "${VICTIM}"`,
  `] OK LOGIN: Client "${VICTIM}"`,
  `", anon password "`,
  `: no such user found from ${VICTIM} [${VICTIM}] to 203.0.113.5:21`,
  ` (Login failed): Incorrect password`,
  ': Login successful.',
  `(?@${VICTIM}) [WARNING] Authentication failed for user [x]`,
  `>, rip=${VICTIM}, lip=203.0.113.5, x=<`,
  `: user=<`,
  `, rip=${VICTIM}`,
  `,${VICTIM}): unknown user`,
  `,${VICTIM},<abc>): Password mismatch`,
  `,${VICTIM},sasl:plain)<abc>: sql: unknown user`,
  ` (given password: `,
  `): started proxying to x: user=<y>, rip=${VICTIM}`,
  ` (auth failed, 3 attempts)`,
  `warning: unknown[${VICTIM}]: SASL LOGIN authentication failed: x`,
  `, sasl_username=`,
  `, sasl_method=LOGIN, sasl_username=root`,
  ` H=(y) [${VICTIM}] P=esmtpsa A=login:root`,
  ` (set_id=x)`,
  `, relay=y [${VICTIM}]`,
  `, reject=`,
  ` SASL(-13): `,
  `, ip=[${VICTIM}]`,
  ` host=x [${VICTIM}]`,
  ` auth=x`,
  `] [service=x] [realm=`,
  `] [mech=pam]`,
  `. Attempt from IP address ${VICTIM}.`,
  `>, from <b>, IP address ${VICTIM}`,
  ` [${VICTIM}] to Horde`,
  `]) to Horde`,
  ` (x) from ${VICTIM}: Unknown user or password incorrect.`,
  `' for user '`,
  `' might not have worked`,
  `' successful login to 'root' after 1 attempts`,
  ` - SUCCESS LOGIN cpaneld`,
  `message repeated 9 times: [ `,
  ` - ${VICTIM}`,
  `') root:${VICTIM}`,
  `" server="y" protocol=POP3 server-secure=plaintext status="ok"`,
  ` "POST / HTTP/1.1" FAILED LOGIN cpaneld: x`,
  ` ${VICTIM} [SMTP Error] 535 `,
  ` rhost=${VICTIM}`,
  '"',
  "'",
  '<',
  '>',
  '[',
  ']',
  '(',
  ')',
  ': ',
  ', ',
  '\\n',
  '#012',
  '\u001b[2J',
  '\u202e',
  '\uff11\uff19\uff12.0.2.66',
  ' ',
  'root',
];

const text = hostileText(FRAGMENTS);

const lineOf = (template: string, words: string) => template.replaceAll('{u}', () => words).replaceAll('{r}', REAL);

describe('A07, A08, A09, A10: text that the peer of an FTP or mail server chose', () => {
  it.each(TEMPLATES)('gives no other address, and what it tells stays the same: $line', ({ tells, line }) => {
    const parser = newParser();
    fc.assert(
      fc.property(text, (words) => {
        const event = parser.parse(lineOf(line, words));
        if (isUnparsed(event)) return;
        expect([undefined, REAL]).toContain(event['source.ip']);
        expect(event['source.domain'] ?? '').not.toContain(VICTIM);
        if (tells !== 'failure') expect(event['fleetwall.attempt.role']).toBeUndefined();
        if (tells !== 'success') expect(event['event.outcome']).not.toBe('success');
      }),
      { numRuns: 500 },
    );
  });

  it.each(TEMPLATES)('is read as what it is when it is one plain word: $line', ({ tells, line }) => {
    const event = newParser().parse(lineOf(line, 'admin'));
    if (isUnparsed(event)) return expect([tells, event.unparsed]).toEqual(['nothing', 'not-relevant']);
    expect(event['event.outcome']).toBe(tells === 'nothing' ? undefined : tells);
    expect(event['fleetwall.attempt.role'] !== undefined).toBe(tells === 'failure');
    if (line.includes('{r}')) expect(event['source.ip']).toBe(REAL);
  });
});

describe('lines of any length', () => {
  it.each(TEMPLATES)('cost no more than in proportion: $line', ({ line }) => {
    for (const fragment of FRAGMENTS) {
      const growth = growthOf((length) => {
        const raw = lineOf(line, fragment.repeat(Math.ceil(length / fragment.length)));
        return () => newParser().parse(raw);
      });
      expect([fragment, growth < IN_PROPORTION]).toEqual([fragment, true]);
    }
  });
});
