import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { withEvidence } from '../message-forms.js';
import { RecentMap } from '../recent-map.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { splitCsv } from '../w3c/csv.js';
import { writeAccount } from '../windows/account.js';
import { writePeer } from '../windows/fields.js';
import { NPS_REASONS } from '../windows/security/network-policy.js';
import { writeReason } from '../windows/status.js';

const NAME = 'nps';
const PROGRAM = 'ias';
const MAX_COLUMNS = 120;
const MAX_REQUESTS = 10_000;

/** `"SERVER","IAS",11/22/2026,07:00:00,3,`: nothing of it is a peer's text. */
const HEAD = /^"[^",]{1,255}","(?:IAS|RAS)",(\d\d)\/(\d\d)\/(\d{4}),(\d\d:\d\d:\d\d),(\d{1,2}),/;

/** Columns of the database-compatible format, from 0. */
const USER_NAME = 5;
const QUALIFIED_NAME = 6;
const CALLING_STATION = 8;
const REASON_CODE = 25;
/** The server's own mark of a request, which its answer has again. */
const CLASS = 26;

const REQUEST = '1';
const ACCEPT = '2';
const REJECT = '3';

interface Request {
  user: string;
  station: string;
}

/**
 * Network Policy Server, Internet Authentication Service, and Routing and Remote Access, in the database-compatible format
 * (`IN*.log`), in local time. Source: learn.microsoft.com, "Interpret NPS Database Format Log Files".
 */
const databaseLog: LogFormat = {
  name: 'NPS (database format)',
  begins: '"',
  files: ['C:/Windows/System32/LogFiles/IN*.log'],
  recognises: (raw) => raw.charCodeAt(0) === 34 && HEAD.test(raw),
  open,
};

function open(stream: StreamContext): FormatReader {
  const requests = new RecentMap<Request>(MAX_REQUESTS);
  return (raw) => {
    const [, month, day, year, time, packet] = HEAD.exec(raw) ?? [];
    if (packet === undefined) return undefined;
    const values = splitCsv(raw, MAX_COLUMNS);
    const timeMs = readDatedStamp(stream.clock, `${year}-${month}-${day} ${time}`, 0);
    if (values === undefined || values === 'open' || timeMs < 0) {
      return { unparsed: 'unknown-message', program: PROGRAM };
    }
    return readPacket(lineOf(raw, stream, PROGRAM, timeMs), packet, values, requests);
  };
}

/** The answer names neither the user nor the station: its request does. */
function readPacket(
  line: LogLine,
  packet: string,
  values: readonly string[],
  requests: RecentMap<Request>,
): FleetEvent | Unparsed {
  const mark = values[CLASS] ?? '';
  if (packet === REQUEST) {
    const user = values[USER_NAME] || values[QUALIFIED_NAME] || '';
    if (mark !== '') requests.set(mark, { user, station: values[CALLING_STATION] ?? '' });
    return notRelevant(line);
  }
  const request = mark === '' ? undefined : requests.take(mark);
  if (packet === ACCEPT) return finish(line, logon(NAME, 'nps-access-granted'), values, request);
  if (packet !== REJECT) return notRelevant(line);
  const reason = NPS_REASONS[values[REASON_CODE] ?? ''];
  const draft = failedLogon(NAME, 'nps-access-denied');
  if (reason !== undefined) draft.role = 'attempt';
  const event = finish(line, draft, values, request);
  writeReason(event, reason);
  return event;
}

function finish(line: LogLine, draft: EventDraft, values: readonly string[], request: Request | undefined): FleetEvent {
  draft.service = NAME;
  const event = draft.finish(withEvidence(line, 'spoofable'));
  writeAccount(event, request?.user || values[USER_NAME] || values[QUALIFIED_NAME] || undefined);
  writePeer(event, request?.station || values[CALLING_STATION]);
  return event;
}

/** NPS, from its own log; the same logons in Windows' event log are 6272 and 6273. */
export const nps: Source = { name: NAME, programs: [], formats: [databaseLog], parse: unknownMessage };
