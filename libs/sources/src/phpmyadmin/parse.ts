import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { unrepeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * phpMyAdmin, option `AuthLog`: syslog, or a file of its own with lines like those of syslog without a host. The address
 * stands at the end. Source: libraries/classes/Logging.php (getLogMessage, logUser).
 */
export const phpMyAdmin: Source = {
  name: 'phpmyadmin',
  programs: ['phpMyAdmin', 'phpmyadmin'],
  parse,
};

function parse(line: LogLine): FleetEvent | Unparsed {
  const { text, count } = unrepeated(line.message.trimEnd());
  const draft = readPhpMyAdmin(text);
  if (draft === undefined) return unknownMessage(line);
  if (count > 1 && draft.role !== undefined) draft.count = count;
  return finishHttp(draft, line);
}

const DENIED = /^user denied: (.*) \((mysql|allow|root|empty|server)-denied\) from (\S{2,45})$/s;
const AUTHENTICATED = /^user authenticated: (.*) from (\S{2,45})$/s;

/** `user denied: U (REASON-denied) from ADDR`, `user authenticated: U from ADDR`; undefined for any other text. */
export function readPhpMyAdmin(text: string): EventDraft | undefined {
  const denied = DENIED.exec(text);
  if (denied !== null) {
    const draft = failedLogon('phpmyadmin', 'phpmyadmin-logon-failed');
    draft.user = denied[1];
    draft.reason = `${denied[2]}-denied`;
    draft.role = 'part';
    setSource(draft, denied[3] as string);
    return draft;
  }
  const authenticated = AUTHENTICATED.exec(text);
  if (authenticated === null) return undefined;
  const draft = logon('phpmyadmin', 'phpmyadmin-logon');
  draft.user = authenticated[1];
  setSource(draft, authenticated[2] as string);
  return draft;
}
