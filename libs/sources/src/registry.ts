import { apache } from './apache/parse.js';
import { asterisk } from './asterisk/parse.js';
import { auditd } from './auditd/parse.js';
import { citrixAdc } from './citrix-adc/parse.js';
import { clamav } from './clamav/parse.js';
import { dovecot } from './dovecot/parse.js';
import { dropbear } from './dropbear/parse.js';
import { exchange } from './exchange/parse.js';
import { exim } from './exim/parse.js';
import { fail2ban } from './fail2ban/parse.js';
import { filezilla } from './filezilla/parse.js';
import { freeswitch } from './freeswitch/parse.js';
import { ftpd } from './ftpd/parse.js';
import { iis } from './iis/parse.js';
import { mssql } from './mssql/parse.js';
import { mysql } from './mysql/parse.js';
import { netfilter } from './netfilter/parse.js';
import { nginx } from './nginx/parse.js';
import { nps } from './nps/parse.js';
import { opensshWindows } from './openssh-windows/parse.js';
import { pam } from './pam/parse.js';
import { postfix } from './postfix/parse.js';
import { postgresql } from './postgresql/parse.js';
import { proftpd } from './proftpd/parse.js';
import { proxmox } from './proxmox/parse.js';
import { pureFtpd } from './pure-ftpd/parse.js';
import type { Source } from './source.js';
import { sshd } from './sshd/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { vsftpd } from './vsftpd/parse.js';
import { webAccess } from './web-access/parse.js';
import { webmin } from './webmin/parse.js';
import { windowsFirewall } from './windows-firewall/parse.js';

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
  nginx,
  webAccess,
  iis,
  exchange,
  mssql,
  filezilla,
  windowsFirewall,
  opensshWindows,
  citrixAdc,
  nps,
];
