import { provenBy } from './daemon.test-support.js';
import { attackFtp, FTP_FAILURES } from './ftp.test-support.js';
import { USER } from './site.test-support.js';

provenBy('pure-ftpd', {
  programs: ['/usr/sbin/pure-ftpd'],
  start: (site) => site.daemon('pure-ftpd -S 203.0.113.5,21 -l pam -H -E -u 1', 21),
  attack: attackFtp,
  logged: ['syslog', /is now logged in/],
  // PAM is given the client's name (reverse lookup) though the server was told to look up none: its lines count for themselves.
  logs: [['syslog']],
  failures: FTP_FAILURES,
  successes: [USER],
});
