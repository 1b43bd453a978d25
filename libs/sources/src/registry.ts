import { apache } from './apache/parse.js';
import { auditd } from './auditd/parse.js';
import { drupal } from './drupal/parse.js';
import { gitlab } from './gitlab/parse.js';
import { grafana } from './grafana/parse.js';
import { haproxy } from './haproxy/parse.js';
import { lighttpd } from './lighttpd/parse.js';
import { nextcloud } from './nextcloud/parse.js';
import { nginx } from './nginx/parse.js';
import { pam } from './pam/parse.js';
import { phpMyAdmin } from './phpmyadmin/parse.js';
import { roundcube } from './roundcube/parse.js';
import type { Source } from './source.js';
import { sshd } from './sshd/parse.js';
import { su } from './su/parse.js';
import { sudo } from './sudo/parse.js';
import { systemdLogind } from './systemd-logind/parse.js';
import { tine20 } from './tine20/parse.js';
import { webAccess } from './web-access/parse.js';
import { wordpress } from './wordpress/parse.js';

/** Every kind of log that is read. */
export const SOURCES: readonly Source[] = [
  sshd,
  pam,
  sudo,
  su,
  systemdLogind,
  auditd,
  apache,
  nginx,
  lighttpd,
  haproxy,
  webAccess,
  wordpress,
  phpMyAdmin,
  roundcube,
  nextcloud,
  gitlab,
  grafana,
  drupal,
  tine20,
];
