import { type Proof, provenBy } from './daemon.test-support.js';
import { PASSWORD, type Site, USER } from './site.test-support.js';
import { attackSmtp, SMTP_FAILURES } from './smtp.test-support.js';

const start = (log: string) => async (site: Site) => {
  site.run(`id Debian-exim >/dev/null 2>&1 || useradd --system --user-group Debian-exim
mkdir -p /var/spool/exim4 /var/log/exim4 /etc/exim4
chown -R Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
cat >/etc/exim4/exim4.conf <<'CONFIG'
primary_hostname = mail.example
daemon_smtp_ports = 25
local_interfaces = <; 203.0.113.5
log_file_path = ${log}
auth_advertise_hosts = *
queue_only
acl_smtp_rcpt = accept_all
begin acl
accept_all:
  accept
begin routers
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${USER}}}{eq{$auth3}{${PASSWORD}}}}}
  server_set_id = $auth2
  server_advertise_condition = yes
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = no
  server_set_id = $auth1
  server_advertise_condition = yes
CONFIG
chmod 644 /etc/exim4/exim4.conf`);
  await site.daemon('exim4 -bdf', 25);
};
const proof = {
  programs: ['/usr/sbin/exim4'],
  attack: (site) => attackSmtp(site, 25),
  failures: SMTP_FAILURES,
  successes: [USER],
  unescaped: (name) => name.replace('\\r\\n', '\r\n'),
} satisfies Partial<Proof>;

provenBy('exim', {
  ...proof,
  start: start('/var/log/exim4/%slog'),
  logged: ['exim4/mainlog', /A=plain:/],
  logs: [['exim4/mainlog']],
});
provenBy('exim through syslog', {
  ...proof,
  start: start('syslog'),
  logged: ['syslog', /A=plain:/],
  logs: [['syslog']],
});
