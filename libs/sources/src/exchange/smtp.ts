import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { RecentMap } from '../recent-map.js';
import { type LogLine, notRelevant, type Unparsed, unknownMessage } from '../source.js';
import { exchangeEvent, isGuess } from './logon.js';
import { peerOf } from './row.js';

const MAX_SESSIONS = 10_000;

/** `Inbound AUTH LOGIN failed because of LogonDenied`, and what older versions say. */
const FAILED = /^Inbound (?:AUTH [\w-]{1,30} |[\w-]{1,30} )?(?:authentication )?failed because of (\w{1,60})\.?$/i;
/** The password was right: the account may not send here. */
const NO_PERMISSION = /^Inbound authentication failed because the client .* doesn't have submit permission\.?$/s;
const USER_NAME = 'User Name: ';
const NOBODY = 'NT AUTHORITY\\ANONYMOUS LOGON';

/** What a session said of the try that it is at. */
interface Try {
  user: string | undefined;
  reason: string | undefined;
  isGuess: boolean;
}

/**
 * Sessions of a receive connector. Up to three rows tell of one refusal: why, who, and the answer, which an impatient client
 * never gets. What the peer sends has the event `<`; `>` and `*` are Exchange's own words.
 */
export class SmtpSessions {
  readonly #tries = new RecentMap<Try>(MAX_SESSIONS);

  read(line: LogLine, row: ReadonlyMap<string, string>): FleetEvent | Unparsed {
    const data = row.get('data') ?? '';
    const context = row.get('context') ?? '';
    const session = row.get('session-id') ?? '';
    if (peerOf(row.get('remote-endpoint')) === undefined) return unknownMessage(line);
    switch (row.get('event')) {
      case '*':
        return this.#readNote(line, row, session, data, context);
      case '>':
        return data.startsWith('535 ') ? this.#readAnswer(line, row, session) : notRelevant(line);
      case '-':
        this.#tries.take(session);
        return notRelevant(line);
      default:
        return notRelevant(line);
    }
  }

  #readNote(
    line: LogLine,
    row: ReadonlyMap<string, string>,
    session: string,
    data: string,
    context: string,
  ): FleetEvent | Unparsed {
    if (context === 'authenticated') {
      this.#tries.take(session);
      return data === '' || data === NOBODY
        ? notRelevant(line)
        : eventOf(line, row, logon('exchange', 'smtp-logon'), data);
    }
    const reason = FAILED.exec(context)?.[1];
    if (reason !== undefined || NO_PERMISSION.test(context)) {
      const one = {
        user: undefined,
        reason: reason ?? 'no submit permission',
        isGuess: reason !== undefined && isGuess(reason),
      };
      this.#tries.set(session, one);
      return failure(line, row, 'smtp-logon-refused', one);
    }
    const known = this.#tries.get(session);
    if (known === undefined || !context.startsWith(USER_NAME)) return notRelevant(line);
    known.user = context.slice(USER_NAME.length);
    return failure(line, row, 'smtp-user-refused', known);
  }

  #readAnswer(line: LogLine, row: ReadonlyMap<string, string>, session: string): FleetEvent {
    const known = this.#tries.take(session);
    return failure(line, row, 'smtp-logon-failed', known ?? { user: undefined, reason: undefined, isGuess: true });
  }
}

function failure(line: LogLine, row: ReadonlyMap<string, string>, action: string, one: Try): FleetEvent {
  const draft = failedLogon('exchange', action);
  draft.reason = one.reason;
  if (one.isGuess) draft.role = 'part';
  return eventOf(line, row, draft, one.user);
}

function eventOf(line: LogLine, row: ReadonlyMap<string, string>, draft: EventDraft, user: string | undefined) {
  return exchangeEvent(line, draft, peerOf(row.get('remote-endpoint')), user, 'smtp');
}
