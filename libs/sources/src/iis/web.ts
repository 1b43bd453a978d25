import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import { Visitors } from '../web-access/visitors.js';
import { drawReason, reasonOfError } from '../windows/status.js';
import { FormLogons } from './forms.js';
import { isHandshake } from './handshake.js';
import { type IisRequest, NAME, requestEvent } from './request.js';

const UNAUTHORIZED = 401;
/** `401.2`: the client has sent nothing yet, or nothing that the site takes. */
const NO_CREDENTIALS = 2;
/** `401.3` to `401.5`: the logon was good, and the file, a filter or the application says no. */
const AFTER_LOGON = new Set([3, 4, 5]);
const ACCESS_DENIED = 5;

/** The requests of one web log, in their order. */
export class WebRequests {
  readonly #visitors = new Visitors();
  readonly #forms = new FormLogons(this.#visitors);

  read(line: LogLine, request: IisRequest): FleetEvent | Unparsed {
    // The mail and news servers of IIS write the same columns, with the name that a client gives itself in the user's place.
    if (!request.path.startsWith('/')) return notRelevant(line);
    if (request.status === UNAUTHORIZED) return this.#readRefused(line, request);
    return this.#forms.read(line, request) ?? this.#readServed(line, request);
  }

  #readRefused(line: LogLine, request: IisRequest): FleetEvent | Unparsed {
    const { user, substatus, win32Status } = request;
    const reason = reasonOfError(win32Status);
    if (reason === undefined) {
      if (user === undefined || isHandshake(win32Status) || substatus === NO_CREDENTIALS) return notRelevant(line);
      if (AFTER_LOGON.has(substatus) || win32Status === ACCESS_DENIED) {
        return requestEvent(line, plainDraft(NAME, 'http-access-denied', CATEGORY.web, TYPE.denied), request);
      }
    }
    const draft = failedLogon(NAME, 'http-request-refused');
    // Where nothing is said of the password, an application may refuse whom IIS has let in.
    const isGuess = reason === undefined ? !this.#wasLetIn(line, request) : reason.noGuess !== true;
    if (isGuess) draft.role = 'part';
    drawReason(draft, reason);
    if (user === undefined && reason?.state === undefined) draft.userKnown = undefined;
    return requestEvent(line, draft, request);
  }

  /** A name on an answer that is no refusal is that of somebody who got in; it is on all that follow. */
  #readServed(line: LogLine, request: IisRequest): FleetEvent | Unparsed {
    if (request.user === undefined || request.status >= 400) return notRelevant(line);
    const wasThere = this.#wasLetIn(line, request);
    this.#visitors.letIn(whoIs(request), line.timeMs);
    return wasThere ? notRelevant(line) : requestEvent(line, logon(NAME, 'http-logon'), request);
  }

  #wasLetIn(line: LogLine, request: IisRequest): boolean {
    return this.#visitors.wasLetIn(whoIs(request), line.timeMs);
  }
}

function whoIs({ client, user }: IisRequest): string {
  return `${client}\n${user?.toLowerCase()}`;
}
