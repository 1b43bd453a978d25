import { provenBy } from './daemon.test-support.js';
import { dovecotConfig } from './dovecot.test-support.js';
import { HOSTILE_NAMES } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, type Site, type Step, USER } from './site.test-support.js';

const PROGRAMS = ['/usr/sbin/dovecot', '/usr/lib/dovecot/imap-login', '/usr/lib/dovecot/pop3-login'];

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const imap = (user: string, password: string, answer: string): Step[] => [
  ['^\\* OK', `a LOGIN ${quoted(user)} ${quoted(password)}\r\n`],
  [`^a ${answer}|\na ${answer}`, 'b LOGOUT\r\n'],
];
const pop3 = (user: string, password: string, answer: string): Step[] => [
  ['^\\+OK', `USER ${user}\r\n`],
  ['^\\+OK', `PASS ${password}\r\n`],
  [answer, 'QUIT\r\n'],
];
const NAMES = [USER, 'nobody-here', ...HOSTILE_NAMES];

async function attack(site: Site): Promise<void> {
  await Promise.all(NAMES.map((name) => site.talk(GUESSER, 143, imap(name, 'wrong', 'NO'))));
  await site.talk(GUESSER, 110, pop3('postmaster', 'wrong', '^-ERR'));
  await site.talk(GUESSER, 110, [
    ...pop3('twice', 'wrong', '^-ERR').slice(0, 2),
    ['^-ERR', 'USER twice\r\n'],
    ...pop3('twice', 'wrong', '^-ERR').slice(1),
  ]);
  await site.talk(OWNER, 143, imap(USER, PASSWORD, 'OK'));
  await site.talk(OWNER, 110, pop3(USER, PASSWORD, '^\\+OK'));
}
const proof = {
  programs: PROGRAMS,
  attack,
  failures: [...NAMES, 'postmaster', 'twice', 'twice'],
  successes: [USER, USER],
};

const start = (passdb: 'pam' | 'passwd-file', more: string) => async (site: Site) => {
  site.run(dovecotConfig(passdb, `protocols = imap pop3\n${more}`));
  await site.daemon('dovecot -F', 143);
};

provenBy('dovecot with PAM, through syslog', {
  ...proof,
  start: start('pam', 'syslog_facility = mail'),
  logged: ['syslog', /pop3-login: (?:Info: )?Login: /],
  logs: [['syslog'], ['syslog', 'auth.log']],
});

provenBy('dovecot with a password file, its own log, verbose', {
  ...proof,
  start: start('passwd-file', 'log_path = /var/log/dovecot.log\nauth_verbose = yes'),
  logged: ['dovecot.log', /pop3-login: (?:Info: )?Login: /],
  mixed: true,
  logs: [['dovecot.log']],
});
