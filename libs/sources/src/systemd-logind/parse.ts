import type { FleetEvent } from '@fleetwall/core';
import { ascii, standsAt } from '../bytes.js';
import { CATEGORY, plainDraft, TYPE } from '../event-builder.js';
import { OUTLINES, type Outline } from '../outline.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** systemd's logon manager: sessions of accounts that are in already. Source: src/login/logind-session.c. */
export const systemdLogind: Source = {
  name: 'systemd-logind',
  programs: ['systemd-logind'],
  parse: parseLogind,
  outline: outlineOf,
};

const NEW_SESSION = /^New session '?([^ ']+)'? of user '?([^ ']+?)'?(?:\.| with )/;
const REMOVED_SESSION = /^Removed session '?([^ ']+?)'?\.$/;
const NOT_RELEVANT =
  /^(?:Session '?[^ ]+ logged out\.|New seat |Watching system buttons |Power key |Lid |Suspend|System is |The system will |Creating |Delay lock |User '?[^ ]+ logged )/;

const NEW = ascii('New session ');
const OF_USER = ascii(' of user ');

/** `New session ID of user NAME.` of two plain words; all else is read. */
function outlineOf(bytes: Uint8Array, start: number, end: number): Outline | undefined {
  if (!standsAt(bytes, NEW, start)) return undefined;
  const idEnd = wordEnd(bytes, start + NEW.length, end);
  const nameStart = idEnd + OF_USER.length;
  if (idEnd < 0 || !standsAt(bytes, OF_USER, idEnd)) return undefined;
  return wordEnd(bytes, nameStart, end) === end && end > nameStart + 1 && bytes[end - 1] === 46
    ? OUTLINES.logindOpened
    : undefined;
}

/** The offset after the word without quotes that begins at `start`; -1 when there is none. */
function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 32 && bytes[at] !== 39) at++;
  return at === start || bytes[at] === 39 ? -1 : at;
}

function parseLogind(line: LogLine): FleetEvent | Unparsed {
  const opened = NEW_SESSION.exec(line.message);
  if (opened !== null) {
    const draft = plainDraft('systemd-logind', 'session-opened', CATEGORY.session, TYPE.start);
    draft.user = opened[2];
    const event = draft.finish(line);
    event['fleetwall.session.id'] = opened[1];
    return event;
  }
  const removed = REMOVED_SESSION.exec(line.message);
  if (removed !== null) {
    const event = plainDraft('systemd-logind', 'session-closed', CATEGORY.session, TYPE.end).finish(line);
    event['fleetwall.session.id'] = removed[1];
    return event;
  }
  return NOT_RELEVANT.test(line.message) ? notRelevant(line) : unknownMessage(line);
}
