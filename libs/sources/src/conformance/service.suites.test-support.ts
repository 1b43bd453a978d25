import { crowdsecSuite } from './crowdsec.test-support.js';
import { crowdsecOverflowSuite } from './crowdsec-overflow.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { reasonFor, type Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

const NOT_ASSERTED = 'the same line as one that is asserted, of which the test says nothing';
const CALL = 'a call to a number that is not there, or from where none may come: nobody tried to log on';
const TUNNEL =
  'a handshake or a connection that came to nothing, as every scanner leaves it: nobody guessed a password';

/** Databases, telephony, tunnels, panels and other services of Linux, its firewall and its auditing. */
export const serviceSuites: readonly Suite[] = [
  fail2banSuite('mysqld-auth'),
  crowdsecSuite('mysql-logs', { failures: /^mysql_failed_auth$/ }),
  crowdsecOverflowSuite('mysql-bf'),
  crowdsecSuite('pgsql-logs', {
    failures: /^pgsql_failed_auth$/,
    known: reasonFor('pgsql-logs', [3, 4, 5, 6], NOT_ASSERTED),
  }),
  fail2banSuite('asterisk', {
    eachAlone: true,
    known: reasonFor('asterisk', [21, 23, 25, 34, 38, 41, 43, 45, 47], CALL),
  }),
  crowdsecSuite('asterisk-logs', {
    failures: /^asterisk_failed_auth$/,
    known: reasonFor('asterisk-logs', [4], NOT_ASSERTED),
  }),
  crowdsecOverflowSuite('asterisk-bf'),
  fail2banSuite('freeswitch', {
    eachAlone: true,
    known: reasonFor('freeswitch', [4], 'a challenge, with which every registration begins'),
  }),
  fail2banSuite('openvpn', { eachAlone: true, known: reasonFor('openvpn', [5, 10, 15, 20, 22, 24, 26], TUNNEL) }),
  crowdsecSuite('openvpn', {
    failures: /^auth_failed$/,
    known: {
      ...reasonFor('openvpn', [5, 8, 11, 14, 15, 16, 21], TUNNEL),
      ...reasonFor('openvpn', [18], 'what a client says of its own refused logon, which is in no log of a server'),
    },
  }),
  ...['charon-ipsec-bf', 'charon-ipsec-slow-bf'].map((folder) => crowdsecOverflowSuite(folder)),
  fail2banSuite('proxmox'),
  crowdsecSuite('webmin-logs', { failures: /^webmin_failed_auth/ }),
  crowdsecOverflowSuite('webmin-bf'),
  fail2banSuite('slapd'),
  wazuhSuite('openldap.ini', { failures: /fail/i }),
  fail2banSuite('dropbear'),
  crowdsecSuite('dropbear-logs', {
    failures: /^ssh_failed-auth$/,
    known: reasonFor('dropbear-logs', [2, 3, 4], "messages without a header, as no file has them; fail2ban's are read"),
  }),
  fail2banSuite('murmur', { eachAlone: true }),
  fail2banSuite('screensharingd', { eachAlone: true }),
  fail2banSuite('znc-adminlog', { eachAlone: true }),
  fail2banSuite('monitorix', {
    known: reasonFor('monitorix', [4, 6], 'a page that is not there, or is not for everybody: nobody logged on'),
  }),
  fail2banSuite('nagios', { isNoLogon: true }),
  fail2banSuite('named-refused', { isNoLogon: true, eachAlone: true }),
  fail2banSuite('portsentry', { isNoLogon: true }),
  fail2banSuite('scanlogd', { isNoLogon: true }),
  fail2banSuite('recidive', { isNoLogon: true, eachAlone: true }),
  crowdsecSuite('iptables-logs', { failures: /^none$/ }),
  wazuhSuite('iptables.ini', { failures: /^none$/ }),
  wazuhSuite('auditd.ini', { failures: /^none$/ }),
  wazuhSuite('audit_scp.ini', { failures: /^none$/ }),
  crowdsecSuite('auditd-logs', { failures: /^none$/ }),
  crowdsecSuite('cef-logs', { failures: /^none$/ }),
];
