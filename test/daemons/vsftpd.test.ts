import { type Proof, provenBy } from './daemon.test-support.js';
import { attackFtp, FTP_FAILURES } from './ftp.test-support.js';
import { type Site, USER } from './site.test-support.js';

const proof = {
  programs: ['/usr/sbin/vsftpd'],
  attack: attackFtp,
  logged: ['vsftpd.log', /OK LOGIN/],
  failures: FTP_FAILURES,
  successes: [USER],
} satisfies Partial<Proof>;

const start = (options: string) => async (site: Site) => {
  site.run(`mkdir -p /run/vsftpd/empty
printf '%s\\n' listen=YES listen_ipv6=NO local_enable=YES anonymous_enable=NO xferlog_enable=YES background=NO \\
  secure_chroot_dir=/run/vsftpd/empty pam_service_name=vsftpd vsftpd_log_file=/var/log/vsftpd.log ${options} >/etc/vsftpd.conf`);
  await site.daemon('vsftpd /etc/vsftpd.conf', 21);
};

provenBy('vsftpd', {
  ...proof,
  start: start('xferlog_std_format=NO log_ftp_protocol=YES'),
  logs: [['vsftpd.log'], ['vsftpd.log', 'auth.log'], ['auth.log', 'vsftpd.log']],
});

provenBy('vsftpd through syslog', {
  ...proof,
  start: start('syslog_enable=YES'),
  attack: attackFtp,
  logged: ['syslog', /OK LOGIN/],
  logs: [['syslog'], ['syslog', 'auth.log']],
});
