import type { FleetEvent } from '@fleetwall/core';
import { failedLogon } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { finishHttp } from '../web-access/web-event.js';

const PROGRAM = 'tine20';

/** `SESSION REQUEST USER [DURATION ]- 2026-11-22T07:00:00+00:00 WARN (4): MESSAGE`, with `-- none --` for nobody (Tinebase_Log_Formatter). */
const ownLog = stampedLog({
  name: 'Tine 2.0 log',
  program: PROGRAM,
  files: ['/var/log/tine20/tine20.log', '/var/log/tine20.log'],
  begins: '0abcdef',
  beginning:
    /^[0-9a-f]{5} [0-9a-f]{5} [^\n]{1,255}? - (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d) [A-Z]{3,9} \(\d\): /,
  time: (clock, _, match) => clock.readIso(match[1] as string, 0),
  parse: (line) => parseMessage(line, line.message),
});

export const tine20: Source = { name: PROGRAM, programs: [], formats: [ownLog], parse: unknownMessage };

const FAILED =
  /^Tinebase_Controller::login::\d{1,6} Login with username (.*) from ([0-9A-Fa-f:.]{2,45}) failed \((-?\d{1,3})\)!$/s;
/** Zend_Auth_Result: the account does not exist; the password is wrong. */
const KNOWN: Readonly<Record<string, boolean>> = { '-1': false, '-3': true };

/** `Login with username U from ADDR failed (CODE)!`, read from the end. */
function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  const failed = FAILED.exec(text);
  if (failed === null) return notRelevant(line);
  const draft = failedLogon('tine20', 'tine20-logon-failed');
  draft.user = failed[1];
  draft.userKnown = KNOWN[failed[3] as string];
  draft.role = 'part';
  setSource(draft, failed[2] as string);
  return finishHttp(draft, line);
}
