import { crowdsecSuite } from './crowdsec.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import type { Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

/** Servers of files and of mail. */
export const mailSuites: readonly Suite[] = [
  fail2banSuite('vsftpd'),
  crowdsecSuite('vsftpd-logs', { failures: /^ftp_failed_auth$/ }),
  wazuhSuite('vsftpd.ini', { failures: /^LOGIN$/ }),
  fail2banSuite('proftpd'),
  crowdsecSuite('proftpd-logs', { failures: /^ftp_failed_auth$/ }),
];
