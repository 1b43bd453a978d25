import { provenBy } from './daemon.test-support.js';
import { attackHttp, HTPASSWD, HTTP_FAILURES, unescaped } from './http.test-support.js';

provenBy('lighttpd', {
  programs: ['/usr/sbin/lighttpd'],
  start: async (site) => {
    site.run(`${HTPASSWD}
cat >/etc/lighttpd/lighttpd.conf <<'CONFIG'
server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")
server.document-root = "/var/www/html"
server.port = 80
server.errorlog = "/var/log/lighttpd-error.log"
accesslog.filename = "/var/log/lighttpd-access.log"
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html")
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "/etc/htpasswd"
auth.require = ("/private" => ("method" => "basic", "realm" => "private", "require" => "valid-user"))
CONFIG`);
    await site.daemon('lighttpd -D -f /etc/lighttpd/lighttpd.conf', 80);
  },
  attack: async (site) => {
    await attackHttp(site);
    site.run('pkill -TERM lighttpd || kill -TERM $(pidof lighttpd)');
  },
  logged: ['lighttpd-access.log', / 200 /],
  logs: [['lighttpd-error.log'], ['lighttpd-access.log', 'lighttpd-error.log']],
  failures: HTTP_FAILURES,
  successes: [],
  unescaped,
});
