import type { FleetEvent } from '@fleetwall/core';
import { failedLogon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { withEvidence } from '../message-forms.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';
import { readLogfmt } from './logfmt.js';

const PROGRAM = 'grafana';

/**
 * Grafana's log in its text form, logfmt: `t=… lvl=eror msg="…" logger=context …` up to 8, `logger=context … t=… level=error
 * msg="…"` since. Sources: pkg/infra/log, pkg/middleware/loggermw, pkg/services/contexthandler, pkg/web/context.go.
 */
const ownLog: LogFormat = {
  name: 'Grafana log',
  begins: 'tl',
  files: ['/var/log/grafana/grafana.log'],
  recognises: isOwn,
  open: openOwnLog,
};

export const grafana: Source = {
  name: PROGRAM,
  programs: ['grafana-server', 'grafana'],
  formats: [ownLog],
  parse: (line) => (isOwn(line.message) ? parseFields(line, readLogfmt(line.message)) : unknownMessage(line)),
};

const BEGINNING = /^(?:t=\d{4}-\d\d-\d\dT\S{9,30} lvl=[a-z]{4} msg=|logger=[\w.-]{1,128} )/;

function isOwn(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code === 116 || code === 108) && BEGINNING.test(text.slice(0, 160));
}

function openOwnLog(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!isOwn(raw)) return undefined;
    const fields = readLogfmt(raw);
    const timeMs = stream.clock.readIso(fields.get('t') ?? '', 0);
    if (timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    return parseFields(lineOf(raw, stream, PROGRAM, timeMs), fields);
  };
}

/**
 * `Invalid username or password`, and `Request Completed` of a logon that was refused, which is what newer versions write the
 * address in. It is whatever `X-Real-IP` or `X-Forwarded-For` say, where a request has them: anybody can write any address
 * there, so it proves nothing by itself.
 */
function parseFields(line: LogLine, fields: ReadonlyMap<string, string>): FleetEvent | Unparsed {
  const message = fields.get('msg');
  const isRefused = message === 'Invalid username or password';
  if (!isRefused && !(message === 'Request Completed' && isRefusedLogon(fields))) return notRelevant(line);
  const draft = failedLogon('grafana', isRefused ? 'grafana-logon-failed' : 'grafana-request-refused');
  const reason = isRefused ? fields.get('error') : undefined;
  if (reason !== undefined) draft.reason = reason;
  if (reason?.toLowerCase() === 'user not found') draft.userKnown = false;
  draft.role = 'part';
  setSource(draft, fields.get('remote_addr') ?? '');
  return finishHttp(draft, withEvidence(line, 'spoofable'));
}

function isRefusedLogon(fields: ReadonlyMap<string, string>): boolean {
  return fields.get('method') === 'POST' && fields.get('path') === '/login' && fields.get('status') === '401';
}
