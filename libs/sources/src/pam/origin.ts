import type { EventDraft } from '../event-builder.js';
import { setSource } from '../scan.js';

const RHOST = ' rhost=';
const USER = ' user=';

/**
 * `logname=L uid=N euid=N tty=T ruser=U rhost=ADDR  user=USER`, from `start` to the end of the text.
 *
 * Which of several ` rhost=` the module printed itself:
 * - sshd never sets the remote user, so behind `ruser=` follows its own, whatever a user name says later;
 * - elsewhere the remote user is the peer's text (an FTP client's name) and stands before it, so the last one counts,
 *   unless a ` user=` comes between them: then the later one may be part of the user name, and none is taken.
 *
 * Source: pam_unix/support.c of Linux-PAM, pam_sss.c of SSSD, pam-krb5.
 */
export function readOrigin(draft: EventDraft, text: string, start: number, module: string, service: string): void {
  const first = text.indexOf(RHOST, start);
  if (first < 0) return;
  let rhost = first;
  if (!(ownedBySshd(module, service, text, start) && text.startsWith(' ruser=', first - 7))) {
    rhost = text.lastIndexOf(RHOST);
    const user = text.indexOf(USER, first);
    if (rhost !== first && user >= 0 && user < rhost) return;
  }
  const addressStart = rhost + RHOST.length;
  const space = text.indexOf(' ', addressStart);
  const addressEnd = space < 0 ? text.length : space;
  if (addressEnd > addressStart) setSource(draft, text.slice(addressStart, addressEnd));
  readUser(draft, text, addressEnd, start);
  if (ttyOf(module, text, start) === 'dovecot') draft.service = 'dovecot';
}

/** pam_unix and pam_sss take the words before `ruser=` from the system; others print the tried name there. */
function ownedBySshd(module: string, service: string, text: string, start: number): boolean {
  if (module !== 'pam_unix' && module !== 'pam_sss') return false;
  if (service === 'sshd') return true;
  const tty = text.indexOf(' tty=', start);
  return tty >= 0 && text.startsWith(' tty=ssh ruser= rhost=', tty);
}

/**
 * The terminal, where the words before it are the system's. Dovecot names itself there, whatever PAM's service is called
 * (`service_name`: `imap`, `mail` …).
 */
function ttyOf(module: string, text: string, start: number): string | undefined {
  if (module !== 'pam_unix' && module !== 'pam_sss') return undefined;
  const tty = text.indexOf(' tty=', start);
  const end = text.indexOf(' ruser=', tty);
  return tty < 0 || end < 0 ? undefined : text.slice(tty + 5, end);
}

/** The tried account; where the module names none (it names only those that exist), the remote user the peer gave. */
function readUser(draft: EventDraft, text: string, addressEnd: number, start: number): void {
  const userAt = text.startsWith('  user=', addressEnd) ? addressEnd + 7 : addressEnd + 6;
  if (text.startsWith(USER, userAt - 6)) {
    draft.user = text.slice(userAt);
    return;
  }
  const ruser = text.indexOf(' ruser=', start);
  const end = text.lastIndexOf(RHOST);
  if (ruser >= 0 && end > ruser + 7) draft.user = text.slice(ruser + 7, end);
}
