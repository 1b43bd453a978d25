import type { FleetEvent } from '@fleetwall/core';
import { JsonRecord } from '../beats/json-record.js';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';
import { readRequest } from './request.js';

const PROGRAM = 'gitlab-rails';

/**
 * GitLab's logs of a JSON object a line: production_json.log (`{"method":…`: every request, by lograge) and
 * application_json.log, auth_json.log (`{"severity":…,"time":…`). Sources: lib/gitlab/lograge, lib/gitlab/json_logger.rb,
 * app/controllers/sessions_controller.rb, docs `administration/logs`.
 */
const ownLogs: LogFormat = {
  name: 'GitLab logs',
  begins: '{',
  files: [
    '/var/log/gitlab/gitlab-rails/production_json.log',
    '/var/log/gitlab/gitlab-rails/application_json.log',
    '/home/git/gitlab/log/production_json.log',
    '/home/git/gitlab/log/application_json.log',
  ],
  recognises: isOwn,
  open: openOwnLogs,
};

export const gitlab: Source = { name: 'gitlab', programs: [], formats: [ownLogs], parse: unknownMessage };

function isOwn(raw: string): boolean {
  if (raw.startsWith('{"severity":"')) return raw.slice(13, 32).includes('","time":"');
  return raw.startsWith('{"method":"') && raw.includes(',"controller":"') && raw.includes(',"format":"');
}

function openOwnLogs(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!isOwn(raw)) return undefined;
    // Of all requests only those of a few controllers tell of a logon: a word that others may hold too, but no less.
    if (raw.startsWith('{"method"') && !/SessionsController|OmniauthCallbacksController/.test(raw)) {
      return { unparsed: 'not-relevant', program: PROGRAM };
    }
    const record = JsonRecord.read(raw);
    const timeMs = record === undefined ? -1 : stream.clock.readIso(record.text('time') ?? '', 0);
    if (record === undefined || timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    const line = lineOf(raw, stream, PROGRAM, timeMs);
    return record.text('controller') === undefined ? parseMessage(line, record) : parseRequest(line, record);
  };
}

function parseRequest(line: LogLine, record: JsonRecord): FleetEvent | Unparsed {
  const draft = readRequest(record);
  if (draft === undefined) return notRelevant(line);
  setSource(draft, record.text('remote_ip') ?? '');
  return finishHttp(draft, line);
}

const FAILED = /^Failed Login: username=(.*) ip=([0-9A-Fa-f:.]{2,45})$/s;
const SUCCESSFUL =
  /^Successful Login: username=([^\s=]{1,255}) ip=([0-9A-Fa-f:.]{2,45}) method=[\w-]{1,64} admin=(?:true|false)$/;

/** application_json.log: `Failed Login: username=U ip=ADDR`, `Successful Login: username=U ip=ADDR method=M admin=B`. */
function parseMessage(line: LogLine, record: JsonRecord): FleetEvent | Unparsed {
  const message = record.text('message') ?? '';
  const failed = FAILED.exec(message);
  if (failed !== null) {
    const draft = failedLogon('gitlab', 'gitlab-logon-failed');
    draft.role = 'part';
    return named(line, draft, failed);
  }
  const successful = SUCCESSFUL.exec(message);
  return successful === null ? notRelevant(line) : named(line, logon('gitlab', 'gitlab-logon'), successful);
}

function named(line: LogLine, draft: EventDraft, match: RegExpExecArray): FleetEvent {
  draft.user = match[1];
  setSource(draft, match[2] as string);
  return finishHttp(draft, line);
}
