import type { FleetEvent } from '@fleetwall/core';
import type { EventDraft } from '../event-builder.js';
import type { LogLine } from '../source.js';

/**
 * `service.type` of everything that comes over HTTP: the access log, the error log and the application itself may all tell
 * of one try, each in its own log, so the assembler looks at them together.
 */
export const HTTP_SERVICE = 'http';

/** The event of a line about a logon over HTTP; `network.application` says that the web's ports are concerned. */
export function finishHttp(draft: EventDraft, line: LogLine): FleetEvent {
  draft.service = HTTP_SERVICE;
  const event = draft.finish(line);
  event['network.application'] = 'http';
  return event;
}
