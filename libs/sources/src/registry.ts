import { apache } from './apache/parse.js';
import { assp } from './assp/parse.js';
import { asterisk } from './asterisk/parse.js';
import { auditd } from './auditd/parse.js';
import { clamav } from './clamav/parse.js';
import { courier } from './courier/parse.js';
import { cpanel } from './cpanel/parse.js';
import { cyrus } from './cyrus/parse.js';
import { directadmin } from './directadmin/parse.js';
import { dovecot } from './dovecot/parse.js';
import { dropbear } from './dropbear/parse.js';
import { exim } from './exim/parse.js';
import { fail2ban } from './fail2ban/parse.js';
import { freeswitch } from './freeswitch/parse.js';
import { ftpd } from './ftpd/parse.js';
import { horde } from './horde/parse.js';
import { kerio } from './kerio/parse.js';
import { lighttpd } from './lighttpd/parse.js';
import { mysql } from './mysql/parse.js';
import { netfilter } from './netfilter/parse.js';
import { nginx } from './nginx/parse.js';
import { pam } from './pam/parse.js';
import { perdition } from './perdition/parse.js';
import { postfix } from './postfix/parse.js';
import { postgresql } from './postgresql/parse.js';
import { proftpd } from './proftpd/parse.js';
import { proxmox } from './proxmox/parse.js';
import { pureFtpd } from './pure-ftpd/parse.js';
import { saslauthd } from './saslauthd/parse.js';
import { sendmail } from './sendmail/parse.js';
import { sogo } from './sogo/parse.js';
import { solidPop3d } from './solid-pop3d/parse.js';
import type { Source } from './source.js';
import { squirrelmail } from './squirrelmail/parse.js';
import { sshd } from './sshd/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { uwImap } from './uw-imap/parse.js';
import { vpopmail } from './vpopmail/parse.js';
import { vsftpd } from './vsftpd/parse.js';
import { webAccess } from './web-access/parse.js';
import { webmin } from './webmin/parse.js';
import { windowsSyslog } from './windows-syslog/parse.js';

/** Every kind of log that is read. */
export const SOURCES: readonly Source[] = [
  sshd,
  pam,
  sudo,
  su,
  systemdLogind,
  auditd,
  netfilter,
  fail2ban,
  dropbear,
  webmin,
  proxmox,
  clamav,
  mysql,
  postgresql,
  asterisk,
  freeswitch,
  vsftpd,
  proftpd,
  dovecot,
  postfix,
  exim,
  pureFtpd,
  ftpd,
  apache,
  lighttpd,
  nginx,
  webAccess,
  windowsSyslog,
  sendmail,
  cyrus,
  uwImap,
  courier,
  saslauthd,
  kerio,
  horde,
  squirrelmail,
  sogo,
  directadmin,
  cpanel,
  assp,
  perdition,
  solidPop3d,
  vpopmail,
];
