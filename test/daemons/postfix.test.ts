import { type Proof, provenBy } from './daemon.test-support.js';
import { dovecotConfig } from './dovecot.test-support.js';
import { type Site, USER } from './site.test-support.js';
import { attackSmtp, SMTP_FAILURES } from './smtp.test-support.js';

const AUTH = `service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0666
  }
}
syslog_facility = mail`;

const start = (more: string) => async (site: Site) => {
  site.run(`${dovecotConfig('passwd-file', `protocols =\n${AUTH}\n${more}`)}
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
sed -i 's/^#submission inet/submission inet/' /etc/postfix/master.cf
cat >/etc/postfix/main.cf <<'CONFIG'
compatibility_level = 3.6
myhostname = mail.example
mydestination = localhost
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
CONFIG
mkdir -p /var/spool/postfix/private; dovecot >/dev/null 2>&1; postfix start >/dev/null 2>&1`);
  await site.listens(587);
};

const proof = {
  programs: ['/usr/sbin/postfix', '/usr/sbin/dovecot'],
  attack: (site) => attackSmtp(site, 587),
  logged: ['syslog', /sasl_username=/],
  failures: SMTP_FAILURES,
  successes: [USER],
  unescaped: (name) => name.replace('?r?n', '\r\n'),
} satisfies Partial<Proof>;

provenBy('postfix with the passwords of dovecot', {
  ...proof,
  start: start(''),
  logs: [['syslog']],
});
provenBy('postfix with the passwords of a verbose dovecot', {
  ...proof,
  start: start('auth_verbose = yes'),
  logs: [['syslog']],
  mixed: true,
});
