import { crowdsecSuite } from './crowdsec.test-support.js';
import { crowdsecOverflowSuite } from './crowdsec-overflow.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { loghubSuite } from './loghub.test-support.js';
import { reasonFor, type Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

const ENDED = 'the end of a connection: the tries on it have lines of their own, and a closed connection is no guess';
const SCAN = 'a connection that never came to a logon: an event of the category network';
const REFUSED = 'refused by tcp_wrappers before any logon: it counts here as one try';
const ROUTINE = 'another line of the same try is the one that counts';
const NONE = 'the method "none" asks which methods there are: no guess';
const LOCAL = 'a failure of a user of the host itself: it has no address, and nobody is held to account';

/** sshd, PAM, su and sudo. */
export const logonSuites: readonly Suite[] = [
  ...['sshd', 'sshd-journal', 'pam-generic', 'selinux-ssh'].map((filter) => fail2banSuite(filter)),
  crowdsecSuite('sshd-logs', {
    failures: /^ssh_(?:failed-auth|bad_keyexchange)$/,
    known: {
      ...reasonFor('sshd-logs', [6, 7, 8, 12, 16, 22], ENDED),
      ...reasonFor('sshd-logs', [10, 11, 13, 14, 15], SCAN),
      ...reasonFor('sshd-logs', [23, 24], REFUSED),
    },
  }),
  crowdsecOverflowSuite('ssh-bf'),
  crowdsecSuite('pam-logs', { failures: /^pam_failed_auth$/, known: reasonFor('pam-logs', [2], LOCAL) }),
  crowdsecSuite('sshd-logs-fp', { file: 'sshd-logs.log', failures: /^ssh_failed-auth$/ }),
  wazuhSuite('sshd.ini', {
    failures:
      /^(?:invalid user|login failed|max auth attempts|SSHD Authentication error|SSHD: denied user|sshd: Multiple .*|sshd brute.*)$/,
    known: { ...reasonFor('sshd.ini', [90, 93], ROUTINE), ...reasonFor('sshd.ini', [122], NONE) },
  }),
  wazuhSuite('pam.ini', {
    failures: /^(?:User login failed\.|Attempt to login .*|User missed .*)$/,
    known: reasonFor('pam.ini', [9], ROUTINE),
  }),
  wazuhSuite('su.ini', { failures: /failed|bad pass|auth fail/ }),
  wazuhSuite('sudo.ini', {
    failures: /Failed|incorrect|unauthorized/,
    known: reasonFor('sudo.ini', [33], 'refused by the rules of sudo: nobody guessed a password'),
  }),
  loghubSuite('OpenSSH/OpenSSH_2k.log'),
  loghubSuite('Linux/Linux_2k.log'),
];
