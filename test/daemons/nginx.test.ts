import { provenBy } from './daemon.test-support.js';
import { attackHttp, HTPASSWD, HTTP_FAILURES, unescaped } from './http.test-support.js';

provenBy('nginx', {
  programs: ['/usr/sbin/nginx'],
  start: async (site) => {
    site.run(`${HTPASSWD}
mkdir -p /var/log/nginx /var/lib/nginx
rm -f /etc/nginx/sites-enabled/*
cat >/etc/nginx/sites-enabled/site <<'CONFIG'
server {
  listen 80;
  root /var/www/html;
  access_log /var/log/nginx/access.log;
  access_log syslog:server=unix:/dev/log combined;
  error_log /var/log/nginx/error.log;
  error_log syslog:server=unix:/dev/log;
  location /private {
    auth_basic "private";
    auth_basic_user_file /etc/htpasswd;
  }
}
CONFIG`);
    await site.daemon("nginx -g 'daemon off;'", 80);
  },
  attack: attackHttp,
  logged: ['syslog', / 200 /],
  logs: [['nginx/access.log'], ['nginx/access.log', 'nginx/error.log'], ['syslog']],
  failures: HTTP_FAILURES,
  successes: [],
  unescaped,
});
