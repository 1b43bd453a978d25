import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where this kind of machine keeps who logged on: the first of a row that exists is the one that is written. */
const LOGON_LOGS: readonly (readonly string[])[] = [
  // Debian, Ubuntu and their like; Red Hat, SUSE and their like.
  ['/var/log/auth.log', '/var/log/secure'],
];

/** Further logs, each read where it exists beside a logon log. */
const OTHER_LOGS: readonly string[] = ['/var/log/messages', '/var/log/syslog', '/var/log/kern.log', '/var/log/ufw.log', '/var/log/mail.log', '/var/log/maillog'];
const JOURNALS: readonly string[] = ['/var/log/journal', '/run/log/journal'];
