import { crowdsecSuite } from './crowdsec.test-support.js';
import { crowdsecOverflowSuite } from './crowdsec-overflow.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { plasoVsftpdSuite } from './plaso.test-support.js';
import { reasonFor, type Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

const TAI = "fail2ban leaves out the ten seconds that multilog's TAI64N labels are ahead of UTC";
const PLAINTEXT = 'the server refuses this kind of logon before it looks at any password: a failure, but no guess';

const RECIPIENT = 'mail to a recipient that does not exist: nobody logged on';

/** Servers of files and of mail. */
export const mailSuites: readonly Suite[] = [
  fail2banSuite('vsftpd'),
  crowdsecSuite('vsftpd-logs', { failures: /^ftp_failed_auth$/ }),
  crowdsecOverflowSuite('vsftpd-bf'),
  wazuhSuite('vsftpd.ini', { failures: /^LOGIN$/ }),
  plasoVsftpdSuite(),
  fail2banSuite('proftpd'),
  crowdsecSuite('proftpd-logs', { failures: /^ftp_failed_auth$/ }),
  crowdsecOverflowSuite('proftpd-user-enum'),
  fail2banSuite('wuftpd'),
  fail2banSuite('dovecot', {
    eachAlone: true,
    known: { ...reasonFor('dovecot', [2, 5, 8, 10], TAI), ...reasonFor('dovecot', [13, 16], PLAINTEXT) },
  }),
  crowdsecSuite('dovecot-logs', {
    failures: /^dovecot_logs$/,
    known: reasonFor(
      'dovecot-logs',
      [8, 9],
      'every line has this type there: a scan without a logon, and a logon that succeeded',
    ),
  }),
  crowdsecOverflowSuite('dovecot-spam'),
  ...['slow-bf-user-enum', 'slow-bf-no-overlap', 'time-based-bf', 'time-based-bf-user-enum'].map((name) =>
    crowdsecOverflowSuite(`dovecot-${name}`),
  ),
  wazuhSuite('dovecot.ini', { failures: /auth failed|unknown user|XXX unknown 1002/ }),
  fail2banSuite('postfix', { isNoLogon: true }),
  crowdsecSuite('postfix-logs', {
    failures: /^none$/,
    known: reasonFor('postfix-logs', [1], 'a refused password: all lines of Postfix have one type there'),
  }),
  wazuhSuite('postfix.ini', { failures: /^none$/ }),
  fail2banSuite('exim'),
  fail2banSuite('exim-spam', { isNoLogon: true }),
  crowdsecSuite('exim-logs', { failures: /^exim_failed_auth$/, known: reasonFor('exim-logs', [5], RECIPIENT) }),
  crowdsecSuite('exim-syslog-logs', {
    failures: /^exim_failed_auth$/,
    file: 'exim-logs.log',
    known: reasonFor('exim-syslog-logs', [5], RECIPIENT),
  }),
  wazuhSuite('exim.ini', { failures: /^exim auth failure$/ }),
  fail2banSuite('sendmail-auth'),
  fail2banSuite('sendmail-reject', { isNoLogon: true }),
  fail2banSuite('courier-auth'),
  fail2banSuite('courier-smtp', { known: reasonFor('courier-smtp', [2, 6, 8], RECIPIENT) }),
  fail2banSuite('uwimap-auth', { known: reasonFor('uwimap-auth', [18], PLAINTEXT) }),
  fail2banSuite('assp', {
    known: {
      ...reasonFor('assp', [2, 4, 6, 8, 10], 'TLS that failed before anybody logged on'),
      ...reasonFor('assp', [26, 34, 36], 'mail to be relayed: nobody logged on'),
      ...reasonFor('assp', [38, 40, 42, 44], 'no password was looked at'),
    },
  }),
  fail2banSuite('horde', { eachAlone: true }),
  fail2banSuite('squirrelmail'),
  fail2banSuite('sogo-auth', {
    known: reasonFor('sogo-auth', [33], 'the inner of two proxies, which is believed only where it is configured'),
  }),
  fail2banSuite('kerio', {
    known: {
      ...reasonFor(
        'kerio',
        [2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 35, 41],
        'mail or a connection that was refused: nobody logged on',
      ),
      ...reasonFor('kerio', [38], 'refused by its address: no password was looked at'),
    },
  }),
  fail2banSuite('directadmin'),
  wazuhSuite('cpanel.ini', { failures: /^cpanel attacks/ }),
  crowdsecSuite('cpanel-logs', { failures: /^auth_bf_(?:log|attempt)$/ }),
  crowdsecOverflowSuite('cpanel_bf_attempt'),
];
