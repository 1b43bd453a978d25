import { provenBy } from './daemon.test-support.js';
import { attackFtp, FTP_FAILURES } from './ftp.test-support.js';
import { type Site, USER } from './site.test-support.js';

const start = (log: string) => async (site: Site) => {
  site.run(`sed 's/^UseIPv6.*/UseIPv6 off/; s/^Include.*modules.*//; s/^SystemLog.*//' /usr/share/proftpd/templates/proftpd.conf \\
  >/etc/proftpd/proftpd.conf
printf '%s\\n' 'RequireValidShell off' 'UseReverseDNS off' 'SyslogLevel info' '${log}' >>/etc/proftpd/proftpd.conf
touch /var/log/wtmp; mkdir -p /run/proftpd /var/log/proftpd; id proftpd >/dev/null 2>&1 || useradd --system proftpd; id ftp >/dev/null 2>&1 || useradd --system ftp`);
  site.run('proftpd');
  await site.listens(21);
};
const proof = { programs: ['/usr/sbin/proftpd'], attack: attackFtp, failures: FTP_FAILURES, successes: [USER] };

provenBy('proftpd', {
  ...proof,
  start: start('SystemLog /var/log/proftpd/proftpd.log'),
  logged: ['proftpd/proftpd.log', /Login successful/],
  logs: [['proftpd/proftpd.log'], ['proftpd/proftpd.log', 'auth.log']],
});

provenBy('proftpd through syslog', {
  ...proof,
  start: start(''),
  logged: ['auth.log', /Login successful/],
  mixed: true,
  logs: [['auth.log'], ['auth.log', 'syslog']],
});
