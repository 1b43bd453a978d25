import type { FleetEvent } from '@fleetwall/core';
import { cyrus, isCyrus } from '../cyrus/parse.js';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { isUwImap, uwImap } from '../uw-imap/parse.js';

/**
 * Courier: IMAP, POP3 and SMTP. `imapd` and `pop3d` are also names of other servers; what only those write is handed on
 * to their sources. Source: imap/imaplogin.c, imap/pop3login.c, courier/module.esmtp/courieresmtpd.c.
 */
export const courier: Source = {
  name: 'courier',
  programs: [
    'imapd',
    'imapd-ssl',
    'pop3d',
    'pop3d-ssl',
    'imaplogin',
    'courierimaplogin',
    'courierpop3login',
    'courieresmtpd',
    'courieresmtpd-ssl',
    'courieresmtpd-msa',
  ],
  parse: repeated(parseAny),
};

/** `, ip=[ADDR], port=[N]`, behind the user's name; what follows it is the server's. */
const CLIENT = String.raw`, ip=\[([0-9A-Fa-f:.]{2,45})\](?:, port=\[\d{0,5}\])?`;

const FAILED = new RegExp(`^LOGIN FAILED(?:, user=(.*)|, method=([\\w-]{1,32}))?${CLIENT}$`, 's');
const LOGON = new RegExp(`^LOGIN, user=(.*)${CLIENT}(?:, protocol=\\w{1,8})?(?:, stls=\\d)?$`, 's');
const CONNECTION = new RegExp(`^(?:Connection|Disconnected|DISCONNECTED|LOGOUT|TIMEOUT)${CLIENT}(?=,|$)`);
/** The relay comes first; the command, addresses and what ident said are the peer's. */
const ESMTP = /^error,relay=([0-9A-Fa-f:.]{2,45}),(?:port=\d{1,5},)?(msg="535 [^"]{1,60}"(?:,cmd: |$))?/;
const NOT_RELEVANT =
  /^(?:LOGOUT|DISCONNECTED|Disconnected|TIMEOUT|chdir |Maximum connection|started,|id=|newmsg,|ip=\[|error,|couriertls: |authdaemon|rcpt)/;

function parseAny(line: LogLine): FleetEvent | Unparsed {
  if (isCyrus(line.message)) return cyrus.parse(line);
  return isUwImap(line.message) ? uwImap.parse(line) : parseCourier(line);
}

function parseCourier(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trimEnd();
  const failed = FAILED.exec(text);
  if (failed !== null) {
    const draft = attempt('courier-logon-failed');
    draft.method = failed[2];
    return finish(line, draft, failed[3], failed[1]);
  }
  const success = LOGON.exec(text);
  if (success !== null) return finish(line, logon('courier', 'courier-logon'), success[2], success[1]);
  const connection = CONNECTION.exec(text);
  if (connection !== null) {
    const isStart = text.startsWith('Connection');
    const action = isStart ? 'courier-connection' : 'courier-disconnected';
    return finish(
      line,
      plainDraft('courier', action, CATEGORY.network, isStart ? TYPE.start : TYPE.end),
      connection[1],
    );
  }
  const esmtp = ESMTP.exec(text);
  if (esmtp === null) return NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line);
  const rejected = plainDraft('courier', 'smtp-rejected', CATEGORY.network, TYPE.denied);
  return finish(line, esmtp[2] === undefined ? rejected : attempt('smtp-logon-failed'), esmtp[1]);
}

function attempt(action: string): EventDraft {
  const draft = failedLogon('courier', action);
  draft.role = 'attempt';
  return draft;
}

function finish(line: LogLine, draft: EventDraft, address = '', user?: string): FleetEvent {
  draft.user = user;
  setSource(draft, address);
  return draft.finish(line);
}
