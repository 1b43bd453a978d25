import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { numberBetween, setSource } from '../scan.js';
import type { LogLine } from '../source.js';
import { markFailure } from './auth-log.js';

/**
 * The few messages that make up nearly all of sshd's log, when every name in them is one word: then the whole message
 * is known to the last character, and nothing in it can be read in two ways. A name with a space in it matches none of
 * these and takes the careful way (`auth-log.ts`, `connection-log.ts`), which reads the same lines to the same events.
 */
const AUTH =
  /^(Failed|Accepted) ([^ ]+) for (invalid user )?([^ ]*) from ([^ ]+) port (\d{1,5}) ssh2(?:: [A-Z0-9-]+ SHA256:[A-Za-z0-9+/]+)?$/;
const INVALID_USER = /^Invalid user ([^ ]*) from ([^ ]+) port (\d{1,5})$/;
const CLOSED =
  /^(?:Connection (?:closed|reset) by|Disconnected from) (?:(authenticating |invalid |)user ([^ ]*) )?([^ ]+) port (\d{1,5})(?: \[preauth\])?$/;
const RECEIVED_DISCONNECT = /^Received disconnect from ([^ ]+) port (\d{1,5}):(?! ?3: )/;

/** The event of a message where all is plain; undefined for every other. */
export function parsePlain(line: LogLine): FleetEvent | undefined {
  const { message } = line;
  switch (message.charCodeAt(0)) {
    case 70: // F
    case 65: // A
      return parseAuth(line, AUTH.exec(message));
    case 73: // I
      return parseInvalidUser(line, INVALID_USER.exec(message));
    case 67: // C
    case 68: // D
      return parseClosed(line, message, CLOSED.exec(message));
    case 82: // R
      return parseReceivedDisconnect(line, RECEIVED_DISCONNECT.exec(message));
    default:
      return undefined;
  }
}

function parseAuth(line: LogLine, match: RegExpExecArray | null): FleetEvent | undefined {
  if (match === null) return undefined;
  const known = match[3] === undefined;
  const failed = match[1] === 'Failed';
  const draft = failed ? failedLogon('sshd', 'ssh-logon-failed') : logon('sshd', 'ssh-logon');
  const method = match[2] as string;
  draft.method = method;
  draft.user = match[4];
  draft.userKnown = known;
  setPeer(draft, match[5] as string, match[6] as string);
  if (failed) markFailure(draft, method, known);
  return draft.finish(line);
}

function parseInvalidUser(line: LogLine, match: RegExpExecArray | null): FleetEvent | undefined {
  if (match === null) return undefined;
  const draft = failedLogon('sshd', 'ssh-invalid-user');
  draft.user = match[1];
  draft.userKnown = false;
  setPeer(draft, match[2] as string, match[3] as string);
  draft.role = 'part';
  return draft.finish(line);
}

function parseClosed(line: LogLine, message: string, match: RegExpExecArray | null): FleetEvent | undefined {
  if (match === null) return undefined;
  const draft = plainDraft('sshd', closedAction(message), CATEGORY.network, TYPE.end);
  draft.user = match[2];
  if (match[1] === 'invalid ') draft.userKnown = false;
  setPeer(draft, match[3] as string, match[4] as string);
  return draft.finish(line);
}

function closedAction(message: string): string {
  if (message.charCodeAt(0) === 68) return 'ssh-disconnected';
  return message.charCodeAt(11) === 99 ? 'ssh-connection-closed' : 'ssh-connection-reset';
}

function parseReceivedDisconnect(line: LogLine, match: RegExpExecArray | null): FleetEvent | undefined {
  if (match === null) return undefined;
  const draft = plainDraft('sshd', 'ssh-disconnected', CATEGORY.network, TYPE.end);
  setPeer(draft, match[1] as string, match[2] as string);
  return draft.finish(line);
}

function setPeer(draft: EventDraft, address: string, port: string): void {
  setSource(draft, address);
  draft.port = numberBetween(port, 0, port.length, 5);
}
