import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import type { W3cValues } from '../w3c/columns.js';
import { finishHttp } from '../web-access/web-event.js';
import { NAME } from './request.js';

/** What HTTP.sys answered itself, or had to break off: scanners, broken clients, and a server under load. Nobody's logon. */
export function readHttpError(line: LogLine, values: W3cValues): FleetEvent | Unparsed {
  const status = values.number('sc-status');
  // Connections that were dropped or ran out of time have no answer.
  if (status === undefined) return notRelevant(line);
  const draft = plainDraft(NAME, 'http-error', CATEGORY.web, TYPE.error);
  setSource(draft, values.get('c-ip') ?? '');
  const port = values.number('c-port') ?? 0;
  if (draft.ip !== undefined && port > 0 && port <= 65_535) draft.port = port;
  draft.reason = values.get('s-reason');
  const event = finishHttp(draft, line);
  event['http.response.status_code'] = status;
  return event;
}
