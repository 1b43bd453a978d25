import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** The servers of the University of Washington. Source: imapd/imapd.c, ipopd/ipop3d.c, osdep/unix/env_unix.c. */
export const uwImap: Source = {
  name: 'uw-imap',
  programs: ['imapd', 'ipop3d', 'ipop2d'],
  parse: repeated(parseUwImap),
};

/** `host=NAME [ADDR]`, behind the names that the peer gave. */
const HOST = String.raw` host=(?:[\w.-]{1,255} )?\[([0-9A-Fa-f:.]{2,45})\]`;

/** `Login WORDS user=USER auth=USER`, up to the host. */
const FAILED = /^Login (failed|excessive login failures|disabled) user=(.*) auth=/s;
const HOST_AT_END = new RegExp(`${HOST}$`);
const OVERRIDE = new RegExp(`^Failed .{1,80} override of user=(.*?) ${HOST}$`, 's');
const MECHANISM = new RegExp(`^AUTHENTICATE ([\\w-]{1,32}) failure${HOST}$`);
const LOGON = new RegExp(`^(?:Login|Authenticated|APOP|Auth) user=(.*)${HOST}(?: nmsgs=\\d+/\\d+)?$`, 's');
const CONNECTION = /^port \d{1,5} service init from ([0-9A-Fa-f:.]{2,45})$/;
const OWN =
  /^(?:Login (?:failed|excessive|disabled|user=)|Failed .{1,80} override of user=|AUTHENTICATE |Authenticated user=|Auth user=|APOP |port \d+ service init|imaps? SSL service init|pop3s? SSL service init|Logout user=|Autologout|Killed|Moved \d|Command stream end of file|Unexpected client disconnect|Unable to load|Error opening|Trying to get mailbox lock|Update user=|Expunge)/;

/** Messages that other servers of the same name (`imapd`) do not have. */
export function isUwImap(message: string): boolean {
  return OWN.test(message);
}

function parseUwImap(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trimEnd();
  const failed = FAILED.exec(text);
  if (failed !== null)
    return finish(
      line,
      failure(failed[1] as string),
      HOST_AT_END.exec(text.slice(text.lastIndexOf(' host=')))?.[1],
      failed[2],
    );
  const override = OVERRIDE.exec(text);
  if (override !== null) return finish(line, failure('override'), override[2], override[1]);
  const mechanism = MECHANISM.exec(text);
  if (mechanism !== null) {
    const draft = failure('failed');
    draft.method = mechanism[1];
    return finish(line, draft, mechanism[2]);
  }
  const success = LOGON.exec(text);
  if (success !== null) return finish(line, logon('uw-imap', 'uw-imap-logon'), success[2], success[1]);
  const connection = CONNECTION.exec(text);
  if (connection !== null) {
    return finish(line, plainDraft('uw-imap', 'uw-imap-connection', CATEGORY.network, TYPE.start), connection[1]);
  }
  return OWN.test(text) ? notRelevant(line) : unknownMessage(line);
}

/** `disabled` says that the server takes no passwords in plain text: it did not look at this one. */
function failure(words: string): EventDraft {
  const isGuess = words !== 'disabled';
  const draft = failedLogon('uw-imap', isGuess ? 'uw-imap-logon-failed' : 'uw-imap-logon-refused');
  if (isGuess) draft.role = 'attempt';
  if (words !== 'failed') draft.reason = words;
  return draft;
}

function finish(line: LogLine, draft: EventDraft, address = '', user?: string): FleetEvent {
  draft.user = user;
  setSource(draft, address);
  return draft.finish(line);
}
