import { crowdsecSuite } from './crowdsec.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { reasonFor, type Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

const TAI = "fail2ban leaves out the ten seconds that multilog's TAI64N labels are ahead of UTC";
const PLAINTEXT = 'the server refuses this kind of logon before it looks at any password: a failure, but no guess';

const RECIPIENT = 'mail to a recipient that does not exist: nobody logged on';

/** Servers of files and of mail. */
export const mailSuites: readonly Suite[] = [
  fail2banSuite('vsftpd'),
  crowdsecSuite('vsftpd-logs', { failures: /^ftp_failed_auth$/ }),
  wazuhSuite('vsftpd.ini', { failures: /^LOGIN$/ }),
  fail2banSuite('proftpd'),
  crowdsecSuite('proftpd-logs', { failures: /^ftp_failed_auth$/ }),
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
];
