import { provenBy } from './daemon.test-support.js';
import { attackHttp, HTPASSWD, HTTP_FAILURES, unescaped } from './http.test-support.js';

provenBy('apache', {
  programs: ['/usr/sbin/apache2'],
  start: async (site) => {
    site.run(`${HTPASSWD}
mkdir -p /var/log/apache2 /run/apache2 /run/lock
cat >/etc/apache2/conf-enabled/private.conf <<'CONFIG'
ServerName www.example
<Location /private>
  AuthType Basic
  AuthName private
  AuthUserFile /etc/htpasswd
  Require valid-user
</Location>
CONFIG`);
    await site.daemon("bash -c '. /etc/apache2/envvars; exec apache2 -DFOREGROUND'", 80);
  },
  attack: attackHttp,
  logged: ['apache2/access.log', / 200 /],
  logs: [['apache2/error.log'], ['apache2/access.log'], ['apache2/access.log', 'apache2/error.log']],
  failures: HTTP_FAILURES,
  successes: [],
  unescaped,
});
