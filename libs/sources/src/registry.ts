import { apache } from './apache/parse.js';
import { assp } from './assp/parse.js';
import { asterisk } from './asterisk/parse.js';
import { auditd } from './auditd/parse.js';
import { cef } from './cef/parse.js';
import { citrixAdc } from './citrix-adc/parse.js';
import { clamav } from './clamav/parse.js';
import { courier } from './courier/parse.js';
import { cpanel } from './cpanel/parse.js';
import { cyrus } from './cyrus/parse.js';
import { directadmin } from './directadmin/parse.js';
import { dovecot } from './dovecot/parse.js';
import { dropbear } from './dropbear/parse.js';
import { drupal } from './drupal/parse.js';
import { exchange } from './exchange/parse.js';
import { exim } from './exim/parse.js';
import { fail2ban } from './fail2ban/parse.js';
import { filezilla } from './filezilla/parse.js';
import { freeswitch } from './freeswitch/parse.js';
import { ftpd } from './ftpd/parse.js';
import { gitlab } from './gitlab/parse.js';
import { grafana } from './grafana/parse.js';
import { guacamole } from './guacamole/parse.js';
import { haproxy } from './haproxy/parse.js';
import { horde } from './horde/parse.js';
import { iis } from './iis/parse.js';
import { kerio } from './kerio/parse.js';
import { lighttpd } from './lighttpd/parse.js';
import { mongodb } from './mongodb/parse.js';
import { monitorix } from './monitorix/parse.js';
import { mssql } from './mssql/parse.js';
import { murmur } from './murmur/parse.js';
import { mysql } from './mysql/parse.js';
import { named } from './named/parse.js';
import { netfilter } from './netfilter/parse.js';
import { nextcloud } from './nextcloud/parse.js';
import { nginx } from './nginx/parse.js';
import { nps } from './nps/parse.js';
import { nrpe } from './nrpe/parse.js';
import { opensshWindows } from './openssh-windows/parse.js';
import { openvpn } from './openvpn/parse.js';
import { pam } from './pam/parse.js';
import { perdition } from './perdition/parse.js';
import { pfSense } from './pfsense/parse.js';
import { phpMyAdmin } from './phpmyadmin/parse.js';
import { postfix } from './postfix/parse.js';
import { postgresql } from './postgresql/parse.js';
import { proftpd } from './proftpd/parse.js';
import { proxmox } from './proxmox/parse.js';
import { pureFtpd } from './pure-ftpd/parse.js';
import { rkhunter } from './rkhunter/parse.js';
import { roundcube } from './roundcube/parse.js';
import { saslauthd } from './saslauthd/parse.js';
import { scanDetectors } from './scan-detectors/parse.js';
import { screensharingd } from './screensharingd/parse.js';
import { sendmail } from './sendmail/parse.js';
import { slapd } from './slapd/parse.js';
import { sogo } from './sogo/parse.js';
import { solidPop3d } from './solid-pop3d/parse.js';
import type { Source } from './source.js';
import { squirrelmail } from './squirrelmail/parse.js';
import { sshd } from './sshd/parse.js';
import { strongswan } from './strongswan/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { tine20 } from './tine20/parse.js';
import { uwImap } from './uw-imap/parse.js';
import { vaultwarden } from './vaultwarden/parse.js';
import { vpopmail } from './vpopmail/parse.js';
import { vsftpd } from './vsftpd/parse.js';
import { webAccess } from './web-access/parse.js';
import { webmin } from './webmin/parse.js';
import { windowsFirewall } from './windows-firewall/parse.js';
import { windowsSyslog } from './windows-syslog/parse.js';
import { wordpress } from './wordpress/parse.js';
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
  lighttpd,
  haproxy,
  wordpress,
  phpMyAdmin,
  roundcube,
  nextcloud,
  gitlab,
  grafana,
  drupal,
  tine20,
  vaultwarden,
  guacamole,
  pfSense,
  openvpn,
  strongswan,
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
  iis,
  exchange,
  mssql,
  filezilla,
  windowsFirewall,
  opensshWindows,
  citrixAdc,
  nps,
];
