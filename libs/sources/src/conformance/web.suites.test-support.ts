import { crowdsecSuite } from './crowdsec.test-support.js';
import { crowdsecOverflowSuite } from './crowdsec-overflow.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { reasonFor, type Suite } from './suite.test-support.js';
import { wazuhSuite } from './wazuh.test-support.js';

const NOT_ALLOWED = 'an address that may not see the page: nobody guessed a password';
const NOT_PERMITTED = 'the password was right, the page is not for this user';
const SCHEME = 'another scheme than the page asks for (a token, say): no password was compared';
const MADE_UP = 'no line that nginx could write: placeholders stand where it prints the user and the address';
const TWO_CLIENTS = 'two clients in one line: either may be written by the other, so nobody is named';
const NOT_COMPARED = 'no password was compared: the digest was made for another page';
/** `log_type` of nothing that is a failed logon. */
const NONE = /^never$/;

/** Web servers. */
export const webSuites: readonly Suite[] = [
  fail2banSuite('apache-auth', {
    known: {
      ...reasonFor('apache-auth', [19, 22, 25], NOT_ALLOWED),
      ...reasonFor('apache-auth', [50, 53], SCHEME),
      ...reasonFor('apache-auth', [57, 60, 62, 66], NOT_PERMITTED),
    },
  }),
  fail2banSuite('nginx-http-auth', { known: reasonFor('nginx-http-auth', [14], TWO_CLIENTS) }),
  fail2banSuite('zoneminder'),
  fail2banSuite('lighttpd-auth', { known: reasonFor('lighttpd-auth', [14], NOT_COMPARED) }),
  ...[
    'apache-badbots',
    'apache-botsearch',
    'apache-fakegooglebot',
    'apache-modsecurity',
    'apache-noscript',
    'apache-pass',
    'apache-shellshock',
    'nginx-botsearch',
    'nginx-forbidden',
    'nginx-limit-req',
    'php-url-fopen',
  ].map((filter) => fail2banSuite(filter, { isNoLogon: true })),
  crowdsecSuite('apache2-logs', { failures: /^auth_fail$/ }),
  crowdsecSuite('nginx_http-logs', { failures: /^auth_fail$/ }),
  crowdsecSuite('apache2-http-sensitive-files', { failures: NONE }),
  crowdsecSuite('http-cve-probing', { failures: NONE }),
  crowdsecSuite('nginx-http-malformed', { file: 'nginx_http-logs.log', failures: NONE }),
  crowdsecSuite('nginx-http-open-proxy', { failures: NONE }),
  crowdsecSuite('nginx-http-path-traversal', { failures: NONE }),
  crowdsecSuite('nginx-http-sensitive-files', { failures: NONE }),
  crowdsecSuite('nextcloud-whitelist', { failures: NONE }),
  crowdsecSuite('traefik_clf', { failures: NONE }),
  crowdsecOverflowSuite('http-bf-wordpress-bf'),
  crowdsecOverflowSuite('nginx-mail-bf'),
  wazuhSuite('apache.ini', { failures: NONE }),
  wazuhSuite('nginx.ini', { failures: /^Web authentication failed/, known: reasonFor('nginx.ini', [53, 54], MADE_UP) }),
  wazuhSuite('web_appsec.ini', { failures: NONE }),
  wazuhSuite('php.ini', { failures: NONE }),
];
