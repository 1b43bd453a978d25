import type { FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** Cyrus SASL's daemon that checks passwords for others: it knows no peer. Source: saslauthd/saslauthd-main.c. */
export const saslauthd: Source = { name: 'saslauthd', programs: ['saslauthd'], parse: repeated(parseSaslauthd) };

/** How the result begins: `do_auth         : auth failure: [user=`. */
const RESULT = /^(?:do_auth *: )?auth (failure|success)(?: \(cached\))?: \[user=/;
/** What stands behind the realm: `] [mech=MECH][ [reason=REASON]]`. */
const END = /^\] \[mech=(\w{1,32})\](?: \[reason=(.*)\])?$/s;
const NOT_RELEVANT =
  /^(?:detach_tty|ipc_|server_exit|cache_|DEBUG: |auth_|rel_|get_accept_lock|master pid|main |num_procs|mech_option|run_path|server_init|set_|do_request|START|could not|Retrying|user |Entry |Authentication |Login )/;

function parseSaslauthd(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trimEnd();
  const result = RESULT.exec(text);
  if (result === null) return NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line);
  const names = result[0].length;
  const mech = text.lastIndexOf('] [mech=');
  const end = END.exec(text.slice(Math.max(mech, 0)));
  if (mech < names || end === null) return unknownMessage(line);
  const failed = result[1] === 'failure';
  const draft = failed
    ? failedLogon('saslauthd', 'saslauthd-auth-failed')
    : logon('saslauthd', 'saslauthd-authenticated');
  draft.method = end[1];
  draft.reason = end[2];
  draft.user = userOf(text.slice(names, mech));
  if (failed) draft.role = 'part';
  return draft.finish(line);
}

/** `USER] [service=SERVICE] [realm=REALM`: user and realm are the peer's, so a further bracket leaves it open who it is. */
function userOf(names: string): string | undefined {
  const service = names.indexOf('] [service=');
  const realm = names.indexOf('] [realm=', service + 3);
  const isCertain = service >= 0 && realm >= 0 && names.split('] [', 4).length === 3;
  return isCertain ? names.slice(0, service) : undefined;
}
