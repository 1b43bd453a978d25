import type { FleetEvent } from '@fleetwall/core';
import { failedLogon } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { readDatedStamp } from '../time/stamps.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * lighttpd's error log: `2026-11-22 07:00:00: (mod_auth.c.850) MESSAGE`, as it was built with a path before the file, and
 * `http_auth.c` before 1.4.42. Through syslog the same without its time. The access log names nobody whom lighttpd refused.
 *
 * Sources: mod_auth.c, http_auth.c, mod_authn_gssapi.c, log.c of lighttpd 1.4.
 */
export const lighttpd: Source = {
  name: 'lighttpd',
  programs: ['lighttpd'],
  formats: [
    stampedLog({
      name: 'lighttpd',
      files: ['/var/log/lighttpd/error.log', '/var/log/lighttpd-error.log', '/var/log/lighttpd.error.log'],
      beginning: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: (?=\(?[\w./-]{0,100}[a-z_]{1,40}\.c\.\d{1,5}\) )/,
      time: (clock, raw) => readDatedStamp(clock, raw, 0),
      parse,
    }),
  ],
  parse,
};

const WHERE = /^\(?[\w./-]{0,100}(?:mod_auth|http_auth|mod_authn_gssapi)\.c\.\d{1,5}\) /;
const PASSWORD = "password doesn't match for ";
const DIGEST = 'digest: auth failed for ';
const UNNAMED = 'get_password failed';
const USER = ' username: ';
const PEER = ' IP: ';
const ADDRESS = /^[0-9A-Fa-f.:]{2,45}$/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const where = WHERE.exec(line.message.slice(0, 160));
  if (where === null) return notRelevant(line);
  const text = line.message.slice(where[0].length);
  if (![PASSWORD, DIGEST, UNNAMED].some((beginning) => text.startsWith(beginning))) return notRelevant(line);
  const peer = text.lastIndexOf(PEER);
  const address = text.slice(peer + PEER.length);
  if (peer < 0 || !ADDRESS.test(address)) return unknownMessage(line);
  const draft = failedLogon('lighttpd', 'http-logon-failed');
  draft.user = userOf(text, text.charCodeAt(peer - 1) === 44 ? peer - 1 : peer);
  draft.role = 'part';
  setSource(draft, address);
  return finishHttp(draft, line);
}

/** The name before `end`; none where the path before it may hold what introduces it. */
function userOf(text: string, end: number): string | undefined {
  if (text.startsWith(PASSWORD)) {
    const start = text.indexOf(USER);
    return start < 0 || text.indexOf(USER, start + 1) >= 0 ? undefined : text.slice(start + USER.length, end);
  }
  const reason = text.lastIndexOf(': wrong password', end);
  if (!text.startsWith(DIGEST) || reason < 0) return undefined;
  return text.slice(DIGEST.length, reason).trim();
}
