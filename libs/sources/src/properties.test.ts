import { isIP } from 'node:net';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileText, newParser } from './hostile.test-support.js';
import { parsePam } from './pam/parse.js';
import { parsePlainPam } from './pam/plain.js';
import { SOURCES } from './registry.js';
import { isUnparsed, type LogLine } from './source.js';
import { parseCarefully } from './sshd/parse.js';
import { parsePlain } from './sshd/plain.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';

/** Every line in which a program prints a name that its peer chose: `{u}` the name, `{r}` the peer's address. */
const TEMPLATES = [
  'sshd: Failed password for invalid user {u} from {r} port 4022 ssh2',
  'sshd: Failed password for {u} from {r} port 4022 ssh2',
  'sshd: Failed keyboard-interactive/pam for invalid user {u} from {r} port 4022 ssh2',
  'sshd: Failed none for invalid user {u} from {r} port 4022 ssh2',
  'sshd: Failed publickey for invalid user {u} from {r} port 4022 ssh2: RSA SHA256:v3dpapGleDaUKf4V1vKyR9ZyUgjaJAmoCTcb2PLljIA',
  'sshd: Failed publickey for root from {r} port 4022 ssh2: RSA-CERT SHA256:v3dpapGleDaUKf4V1vKyR9ZyUgjaJAmoCTcb2PLljIA ID {u} (serial 0) CA RSA SHA256:v3dpapGleDaUKf4V1vKyR9ZyUgjaJAmoCTcb2PLljIA',
  'sshd: Failed hostbased for invalid user {u} from {r} port 4022 ssh2: RSA SHA256:x, client user "{u}", client host "{u}"',
  'sshd: Accepted password for {u} from {r} port 4022 ssh2',
  'sshd: message repeated 2 times: [ Failed password for invalid user {u} from {r} port 4022 ssh2]',
  'sshd: Invalid user {u} from {r} port 4022',
  'sshd: Invalid user {u} from {r}',
  'sshd: User {u} from {r} not allowed because not listed in AllowUsers',
  'sshd: User {u} not allowed because account is locked',
  'sshd: error: PAM: Authentication failure for illegal user {u} from {r}',
  'sshd: error: PAM: Authentication failure for {u} from {r} via 203.0.113.5',
  'sshd: error: maximum authentication attempts exceeded for invalid user {u} from {r} port 4022 ssh2 [preauth]',
  'sshd: Disconnecting invalid user {u} {r} port 4022: Too many authentication failures [preauth]',
  'sshd: Disconnecting invalid user {u} {r} port 4022: Change of username or service not allowed: ({u},ssh-connection) -> ({u},ssh-connection) [preauth]',
  'sshd: Disconnecting: Too many authentication failures for {u} [preauth]',
  'sshd: fatal: Access denied for user {u} by PAM account configuration [preauth]',
  'sshd: Connection closed by invalid user {u} {r} port 4022 [preauth]',
  'sshd: Connection reset by authenticating user {u} {r} port 4022 [preauth]',
  'sshd: Disconnected from user {u} {r} port 4022',
  'sshd: Received disconnect from {r} port 4022:11: {u}',
  'sshd: error: Received disconnect from {r} port 4022:3: {u}: Auth fail [preauth]',
  "sshd: Bad protocol version identification '{u}' from {r} port 4022",
  'sshd: banner exchange: Connection from {r} port 4022: {u}',
  'sshd: kex_exchange_identification: client sent invalid protocol identifier "{u}"',
  'sshd: ssh_dispatch_run_fatal: Connection from invalid user {u} {r} port 4022: message authentication code incorrect [preauth]',
  'sshd: Unable to negotiate with {r} port 4022: no matching cipher found. Their offer: {u} [preauth]',
  'sshd: input_userauth_request: invalid user {u} [preauth]',
  'sshd: refused connect from {u}@{r}',
  'sshd: refused connect from {u}@host.example.com ({r})',
  'sshd: Close session: user {u} from {r} port 4022 id 0',
  'sshd: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={r}  user={u}',
  'sshd: pam_sss(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={r} user={u}',
  'sshd: pam_krb5(sshd:auth): authentication failure; logname={u} uid=0 euid=0 tty=ssh ruser= rhost={r}',
  'vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser={u} rhost={r}',
  'vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser={u} rhost={r}  user=root',
  'vsftpd: pam_sss(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser={u} rhost={r} user={u}',
  'sshd(pam_unix): 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={r}  user={u}',
  "sshd: pam_access(sshd:account): access denied for user `{u}' from `{r}'",
  "sshd: pam_winbind(sshd:auth): user '{u}' denied access (incorrect password or invalid membership)",
  'sshd: pam_tally2(sshd:auth): user {u} (0) tally 5, deny 3',
];

const FRAGMENTS = [
  `from ${VICTIM}`,
  ` from ${VICTIM} port 22`,
  ` from ${VICTIM} port 22 ssh2`,
  ` from ${VICTIM} port 22 ssh2: `,
  ` from ${VICTIM} port 22 ssh2: RSA SHA256:v3dpapGleDaUKf4V1vKyR9ZyUgjaJAmoCTcb2PLljIA`,
  ` ${VICTIM} port 22`,
  ` ${VICTIM} port 22: Too many authentication failures`,
  ` ${VICTIM}`,
  `@${VICTIM} (${VICTIM})`,
  ` (${VICTIM})`,
  ` rhost=${VICTIM}`,
  ` ruser= rhost=${VICTIM}`,
  ` tty=ssh ruser= rhost=${VICTIM}  user=`,
  `' from \`${VICTIM}'`,
  ` via ${VICTIM}`,
  ' via',
  ' not allowed because account is locked',
  ` from ${VICTIM} not allowed because x`,
  ' user=',
  '  user=root',
  ' for ',
  'invalid user ',
  'user ',
  ' port ',
  ' port 22',
  ' ssh2',
  ': ',
  '"',
  "'",
  '[',
  ']',
  ' [preauth]',
  '; ',
  '\n',
  '\\n',
  '#012',
  '\u001b[2J',
  '\u202e',
  ' ',
  '7',
  '11:',
  '3: ',
  ': Auth fail',
  'root',
];

const name = hostileText(FRAGMENTS);

const LINE: LogLine = {
  original: '',
  timeMs: 0,
  host: 'h',
  program: 'sshd',
  pid: 1,
  message: '',
  evidence: 'handshake',
};

function line(template: string, user: string): string {
  const colon = template.indexOf(': ');
  const message = template
    .slice(colon + 2)
    .replaceAll('{u}', () => user)
    .replaceAll('{r}', REAL);
  return `Nov  1 12:00:00 web-01 ${template.slice(0, colon)}[123]: ${message}`;
}

describe('A01, A02, A03: a name that the peer chose', () => {
  it.each(TEMPLATES)('never gives another address: %s', (template) => {
    const parser = newParser();
    fc.assert(
      fc.property(name, (text) => {
        const event = parser.parse(line(template, text));
        if (isUnparsed(event)) return;
        expect([undefined, REAL]).toContain(event['source.ip']);
        expect(event['source.domain'] ?? '').not.toContain(VICTIM);
      }),
      { numRuns: 500 },
    );
  });

  it.each(TEMPLATES)('is read with its address when it is one plain word: %s', (template) => {
    const event = newParser().parse(line(template, 'admin'));
    if (isUnparsed(event)) return expect(event.unparsed).toBe('not-relevant');
    const withoutAddress = !template.includes('{r}') || template.includes('from invalid user {u}');
    expect(event['source.ip']).toBe(withoutAddress ? undefined : REAL);
  });
});

describe('the quick way and the careful way', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._-]{0,12}$/);
  const peer = fc.constantFrom(REAL, '2001:db8::7', '::ffff:198.51.100.7', 'a.example.com');
  const messages = [
    ...TEMPLATES,
    'sshd: pam_unix(sshd:session): session opened for user {u}(uid=1001) by (uid=0)',
    'cron: pam_unix(cron:session): session opened for user {u} by {u}(uid=0)',
    'cron: pam_unix(cron:session): session closed for user {u}',
    'sshd: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={r}',
    'sshd: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={r} ',
  ].filter((template) => !template.startsWith('sshd(pam'));

  it('read a message to the same event', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.constantFrom(...messages), word, peer, (template, user, address) => {
        const raw = line(template, user).replaceAll(REAL, address);
        const message = raw.slice(raw.indexOf(']: ') + 3);
        const logLine: LogLine = { ...LINE, original: raw, message };
        const isPam = message.startsWith('pam_');
        const quick = isPam ? parsePlainPam(logLine) : parsePlain(logLine);
        if (quick === undefined) return;
        compared++;
        expect(isPam ? parsePam(logLine, message) : parseCarefully(logLine)).toEqual(quick);
      }),
      { numRuns: 5_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});

describe('any text at all', () => {
  const pieces = [
    'Nov  1 12:00:00 ',
    '2026-11-01T12:00:00.1Z ',
    '<34>1 ',
    '<13>',
    'web-01 ',
    'sshd[1]: ',
    'sshd(pam_unix)[1]: ',
    'sudo: ',
    'su: ',
    'systemd-logind: ',
    '{"MESSAGE":"',
    '"__REALTIME_TIMESTAMP":"1"}',
    'type=USER_AUTH msg=audit(1.2:3): ',
    'msg=\'op=x acct="a" exe="/usr/sbin/sshd" hostname=? addr=? terminal=ssh res=failed\'',
    'pam_unix(sshd:auth): authentication failure; ',
    'Failed password for ',
    '[x y="',
    '- ',
    ...FRAGMENTS,
  ];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 })
    .map((parts) => parts.join(''));

  it('is read or refused, never thrown at', () => {
    const parser = newParser();
    fc.assert(
      fc.property(text, (raw) => {
        const result = parser.parse(raw);
        if (isUnparsed(result)) return;
        checkShape(result, raw);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each(SOURCES.map((source) => [source.name, source] as const))('as a message of %s, too', (_, source) => {
    fc.assert(
      fc.property(text, (message) => {
        const result = source.parse({ ...LINE, original: message, message });
        if (!isUnparsed(result)) checkShape(result, message);
      }),
      { numRuns: 5_000 },
    );
  });
});

function checkShape(event: FleetEvent, raw: string): void {
  expect(event['event.original']).toBe(raw);
  expect(Number.isInteger(event['@timestamp'])).toBe(true);
  for (const value of Object.values(event)) expect(value).toBeDefined();
  const address = event['source.ip'];
  if (address !== undefined) expect(isIP(address)).not.toBe(0);
  const port = event['source.port'];
  if (port !== undefined) expect(port >= 0 && port <= 99_999).toBe(true);
}
