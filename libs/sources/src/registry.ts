import { apache } from './apache/parse.js';
import { asterisk } from './asterisk/parse.js';
import { auditd } from './auditd/parse.js';
import { cef } from './cef/parse.js';
import { clamav } from './clamav/parse.js';
import { dovecot } from './dovecot/parse.js';
import { dropbear } from './dropbear/parse.js';
import { exim } from './exim/parse.js';
import { fail2ban } from './fail2ban/parse.js';
import { freeswitch } from './freeswitch/parse.js';
import { ftpd } from './ftpd/parse.js';
import { mongodb } from './mongodb/parse.js';
import { monitorix } from './monitorix/parse.js';
import { murmur } from './murmur/parse.js';
import { mysql } from './mysql/parse.js';
import { named } from './named/parse.js';
import { netfilter } from './netfilter/parse.js';
import { nginx } from './nginx/parse.js';
import { nrpe } from './nrpe/parse.js';
import { openvpn } from './openvpn/parse.js';
import { pam } from './pam/parse.js';
import { postfix } from './postfix/parse.js';
import { postgresql } from './postgresql/parse.js';
import { proftpd } from './proftpd/parse.js';
import { proxmox } from './proxmox/parse.js';
import { pureFtpd } from './pure-ftpd/parse.js';
import { rkhunter } from './rkhunter/parse.js';
import { scanDetectors } from './scan-detectors/parse.js';
import { screensharingd } from './screensharingd/parse.js';
import { slapd } from './slapd/parse.js';
import type { Source } from './source.js';
import { sshd } from './sshd/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { vsftpd } from './vsftpd/parse.js';
import { webAccess } from './web-access/parse.js';
import { webmin } from './webmin/parse.js';
import { xrdp } from './xrdp/parse.js';
import { znc } from './znc/parse.js';

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
  openvpn,
  slapd,
  cef,
  scanDetectors,
  rkhunter,
  xrdp,
  mongodb,
  murmur,
  monitorix,
  screensharingd,
  znc,
  nrpe,
  named,
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
];
