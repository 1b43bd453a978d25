import type { EventDraft } from '../event-builder.js';
import { failedLogon } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';

/**
 * The end of what auth says of a user, and why he does not get in (`auth_verbose`):
 *
 * - to 2.3 `DRIVER(USER,ADDR[,master][,<SESSION>]): REASON`;
 * - since 2.4 `auth(USER,ADDR,sasl:MECH)[<PID>][<SESSION>]: [request [N]: ]DRIVER: REASON`.
 *
 * The user's name comes before it; behind the reason may stand the password (`auth_verbose_passwords`).
 */
const REFUSAL =
  /,([0-9A-Fa-f:.]{2,45})(?:,(?:master|sasl:[\w-]{1,20}))*(?:,<[^<>\s]{0,80}>)?\)(?:<[^<>\s]{0,80}>){0,2}: (?:request \[\d+\]: )?(?:Info: )?(?:([\w-]{2,24}): )?(unknown user|user not found|password mismatch|invalid credentials|pam_authenticate\(\) failed: |pam_acct_mgmt\(\) failed: |login failed|user disabled|password expired)/gi;
const DRIVER = /^(?:[\w-]{2,24})\(/;
const PASSWORD = 'given password: ';

/** Undefined when the text is none of auth's about a user. */
export function readAuth(line: LogLine, text: string): EventDraft | Unparsed | undefined {
  const driver = DRIVER.exec(text);
  if (driver === null || driver[0] === 'proxy(') return undefined;
  if (driver[0] === 'userdb(') return notRelevant(line);
  const refusals = [...text.matchAll(REFUSAL)];
  const [first] = refusals;
  const last = refusals.at(-1);
  if (first === undefined || last === undefined) return isOtherWord(text) ? notRelevant(line) : undefined;
  const draft = failedLogon('dovecot', 'dovecot-auth-failed');
  draft.role = 'part';
  // With passwords in the log, what follows the first may be the peer's as well as what precedes the last.
  if (refusals.length > 1 && text.includes(PASSWORD) && first[1] !== last[1]) return draft;
  setSource(draft, last[1] as string);
  draft.user = text.slice(driver[0].length, last.index);
  draft.method = last[2] ?? driver[0].slice(0, -1);
  readReason(draft, text, last);
  return draft;
}

function readReason(draft: EventDraft, text: string, { 0: matched, 3: words = '', index }: RegExpExecArray): void {
  const detail = text.slice(index + matched.length).replace(/ \((?:SHA1 of )?given password: .*$/s, '');
  draft.reason = `${words}${detail}`.trim();
  if (/^(?:unknown user|user not found)|User not known/i.test(draft.reason)) draft.userKnown = false;
}

/** What else auth says of a user: lookups, errors of its own, names with characters that it does not take. */
function isOtherWord(text: string): boolean {
  return /^(?:static|cache|sql|ldap|passwd|passwd-file|pam|plain|login|policy|auth|auth-worker)\(/.test(text);
}
