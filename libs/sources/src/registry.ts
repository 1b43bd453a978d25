import { auditd } from './auditd/parse.js';
import { courier } from './courier/parse.js';
import { cyrus } from './cyrus/parse.js';
import { dovecot } from './dovecot/parse.js';
import { exim } from './exim/parse.js';
import { ftpd } from './ftpd/parse.js';
import { pam } from './pam/parse.js';
import { postfix } from './postfix/parse.js';
import { proftpd } from './proftpd/parse.js';
import { pureFtpd } from './pure-ftpd/parse.js';
import { saslauthd } from './saslauthd/parse.js';
import { sendmail } from './sendmail/parse.js';
import type { Source } from './source.js';
import { sshd } from './sshd/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { uwImap } from './uw-imap/parse.js';
import { vsftpd } from './vsftpd/parse.js';

/** Every kind of log that is read. */
export const SOURCES: readonly Source[] = [
  sshd,
  pam,
  sudo,
  su,
  systemdLogind,
  auditd,
  vsftpd,
  proftpd,
  dovecot,
  postfix,
  exim,
  pureFtpd,
  ftpd,
  sendmail,
  cyrus,
  uwImap,
  courier,
  saslauthd,
];
