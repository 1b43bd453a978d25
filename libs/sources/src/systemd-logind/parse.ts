import type { FleetEvent } from '@fleetwall/core';
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

function outlineOf(text: string, start: number, end: number): Outline | undefined {
  if (!text.startsWith('New session ', start)) return undefined;
  return NEW_SESSION.test(text.slice(start, end)) ? OUTLINES.logindOpened : undefined;
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
