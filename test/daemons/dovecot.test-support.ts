import { PASSWORD, SERVER, USER } from './site.test-support.js';

/** A script that writes Dovecot's configuration. */
export function dovecotConfig(passdb: 'pam' | 'passwd-file', more: string): string {
  const passwords =
    passdb === 'pam'
      ? 'driver = pam'
      : 'driver = passwd-file\n  args = scheme=PLAIN username_format=%u /etc/dovecot/users';
  return `echo '${USER}:{PLAIN}${PASSWORD}' >/etc/dovecot/users
chmod 644 /etc/dovecot/users
mkdir -p /var/mail-of-users && chmod 1777 /var/mail-of-users
cat >/etc/dovecot/dovecot.conf <<'CONFIG'
listen = ${SERVER}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
mail_location = maildir:/var/mail-of-users/%u
passdb {
  ${passwords}
}
userdb {
  driver = static
  args = uid=${USER} gid=${USER} home=/var/mail-of-users/%u
}
${more}
CONFIG`;
}
