import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { JsonRecord } from '../beats/json-record.js';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';
import { readTime } from './time.js';

const PROGRAM = 'nextcloud';

/**
 * Nextcloud's and ownCloud's log: a JSON object a line that begins with `reqId`. Sources: lib/private/Log/LogDetails.php,
 * lib/private/Log/Syslog.php, lib/private/User/Session.php, lib/private/Authentication/Login/LoggedInCheckCommand.php,
 * apps/admin_audit/lib/Actions/Auth.php.
 */
const ownLog: LogFormat = {
  name: 'Nextcloud log',
  begins: '{',
  files: [
    '/var/log/nextcloud/*.log',
    '/var/www/nextcloud/data/nextcloud.log',
    '/var/www/html/data/nextcloud.log',
    '/var/www/html/nextcloud/data/nextcloud.log',
    '/var/www/nextcloud/data/audit.log',
    '/var/www/owncloud/data/owncloud.log',
    '/var/log/owncloud/*.log',
  ],
  recognises: (raw) => raw.startsWith('{"reqId":"'),
  open: openOwnLog,
};

export const nextcloud: Source = {
  name: PROGRAM,
  programs: ['Nextcloud', 'nextcloud', 'ownCloud', 'owncloud'],
  formats: [ownLog],
  parse: parseSyslog,
};

function openOwnLog(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!raw.startsWith('{"reqId":"')) return undefined;
    const record = JsonRecord.read(raw);
    const timeMs = readTime(stream.clock, record?.text('time') ?? '');
    if (record === undefined || timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    return parseRecord(lineOf(raw, stream, PROGRAM, timeMs), record);
  };
}

/** `log_type` syslog: the same object, or in older versions `{APP} MESSAGE`. */
function parseSyslog(line: LogLine): FleetEvent | Unparsed {
  const record = line.message.startsWith('{"reqId":"') ? JsonRecord.read(line.message) : undefined;
  if (record !== undefined) return parseRecord(line, record);
  const app = /^\{[\w ]{1,64}\} /.exec(line.message)?.[0];
  if (app === undefined) return unknownMessage(line);
  return finish(line, readFailure(line.message.slice(app.length)));
}

function parseRecord(line: LogLine, record: JsonRecord): FleetEvent | Unparsed {
  const message = record.text('message') ?? '';
  const address = record.text('remoteAddr');
  const draft = readFailure(message) ?? (record.text('app') === 'admin_audit' ? readAudit(message) : undefined);
  // Both are the same address; where they differ, one of them is somebody's text.
  if (draft?.ip !== undefined && draft.ip !== canonicalAddress(address ?? '')) draft.ip = undefined;
  else if (draft !== undefined && address !== undefined) setSource(draft, address);
  return finish(line, draft);
}

function finish(line: LogLine, draft: EventDraft | undefined): FleetEvent | Unparsed {
  return draft === undefined ? notRelevant(line) : finishHttp(draft, line);
}

const NOTICED = /^Bruteforce attempt from "([0-9A-Fa-f:.]{2,45})" detected for action "login"\.$/;
const FAILED = /^Login failed: (.*) \(Remote IP: '?([0-9A-Fa-f:.]{2,45})'?\)$/s;

/**
 * `Login failed: U (Remote IP: ADDR)`, older `Login failed: 'U' (Remote IP: 'ADDR')`; and what the throttle says of the same try,
 * where `loglevel` lets it.
 */
function readFailure(message: string): EventDraft | undefined {
  const noticed = NOTICED.exec(message);
  if (noticed !== null) {
    const draft = failedLogon('nextcloud', 'nextcloud-attempt-noticed');
    draft.role = 'part';
    setSource(draft, noticed[1] as string);
    return draft;
  }
  const failed = FAILED.exec(message);
  if (failed === null) return undefined;
  const draft = failedLogon('nextcloud', 'nextcloud-logon-failed');
  const name = failed[1] as string;
  const isQuoted = name.length > 1 && name.startsWith("'") && name.endsWith("'");
  draft.user = isQuoted ? name.slice(1, -1) : name;
  draft.role = 'part';
  setSource(draft, failed[2] as string);
  return draft;
}

/** The app admin_audit: `Login successful: "U"`. Its `Login attempt: "U"` comes before either outcome. */
function readAudit(message: string): EventDraft | undefined {
  const user = /^Login successful: "([^"]{1,255})"$/.exec(message)?.[1];
  if (user === undefined) return undefined;
  const draft = logon('nextcloud', 'nextcloud-logon');
  draft.user = user;
  return draft;
}
