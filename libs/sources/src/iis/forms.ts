import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { RecentMap } from '../recent-map.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import type { Visitors } from '../web-access/visitors.js';
import { type IisRequest, NAME, requestEvent } from './request.js';

const MAX_PENDING = 4_096;
/** How long a browser may take to follow the answer to a form. */
const FOLLOWED_MS = 60_000;

/** Outlook on the web: Exchange 2013 and later, and 2003 to 2010. */
const OWA_FORM = /^\/(?:owa\/auth\.owa|owa\/auth\/owaauth\.dll|exchweb\/bin\/auth\/owaauth\.dll)$/;
const OWA_PAGE = /^\/(?:owa\/auth\/logon\.aspx|exchweb\/bin\/auth\/(?:[a-z]{2,3}\/)?logon\.asp)$/;
/** The page's word for `the user name or password you entered isn't correct`. */
const OWA_WRONG = /(?:^|[?&])reason=2(?:&|$)/;

const RDWEB_FORM = /^\/rdweb\/pages\/(?:[a-z]{2,3}(?:-[a-z]{2,4})?\/)?login\.aspx$/;
const SHAREPOINT_FORM = /\/_forms\/default\.aspx$/;
/** Its answer is 200 whatever came of it. */
const STOREFRONT_FORM = /^\/citrix\/[^/]{1,100}\/explicitauth\/loginattempt$/;

interface Sent {
  user: string | undefined;
  timeMs: number;
}

/** Logons by the forms of Microsoft's own web applications, which answer 200 or 302 where others answer 401. */
export class FormLogons {
  /** Forms of Outlook that were sent, by client: what came of one only the next page tells. */
  readonly #sent = new RecentMap<Sent>(MAX_PENDING);

  constructor(readonly visitors: Visitors) {}

  /** Undefined when the request has nothing to do with such a form. */
  read(line: LogLine, request: IisRequest): FleetEvent | Unparsed | undefined {
    const { method, lowerPath } = request;
    if (method === 'GET') return OWA_PAGE.test(lowerPath) ? this.#owaPage(line, request) : undefined;
    if (method !== 'POST') return undefined;
    if (OWA_FORM.test(lowerPath)) return this.#owaForm(line, request);
    if (RDWEB_FORM.test(lowerPath)) return this.#shownAgain(line, request, 'rdweb-form');
    if (SHAREPOINT_FORM.test(lowerPath)) return this.#shownAgain(line, request, 'sharepoint-form');
    if (STOREFRONT_FORM.test(lowerPath)) {
      return requestEvent(line, plainDraft(NAME, 'storefront-form-sent', CATEGORY.web, TYPE.access), request);
    }
    return undefined;
  }

  /** Right or wrong, the answer is a redirect, and the user's name is logged. */
  #owaForm(line: LogLine, request: IisRequest): FleetEvent | Unparsed {
    const { client, user, status, location } = request;
    if (status !== 302) return notRelevant(line);
    if (OWA_WRONG.test(location)) return this.#failure(line, request, 'owa-form', user);
    if (client !== undefined) this.#sent.set(client, { user, timeMs: line.timeMs });
    return requestEvent(line, plainDraft(NAME, 'owa-form-sent', CATEGORY.web, TYPE.access), request);
  }

  /** A page that says the password was wrong is only believed of who has sent one: anybody can link to it. */
  #owaPage(line: LogLine, request: IisRequest): FleetEvent | Unparsed {
    if (request.client === undefined || !OWA_WRONG.test(request.query)) return notRelevant(line);
    const sent = this.#sent.take(request.client);
    if (sent === undefined || line.timeMs - sent.timeMs > FOLLOWED_MS) return notRelevant(line);
    return this.#failure(line, request, 'owa-form', sent.user);
  }

  /** A form that is shown again (200) to who did not get in; who did is sent on (302) under the user's name. */
  #shownAgain(line: LogLine, request: IisRequest, method: string): FleetEvent | Unparsed {
    const who = `${request.client}`;
    if (request.status === 302 && (request.user !== undefined || method === 'sharepoint-form')) {
      this.visitors.loggedOn(who, line.timeMs);
      const draft = logon(NAME, 'http-logon');
      draft.method = method;
      return requestEvent(line, draft, request);
    }
    if (request.status !== 200 || request.user !== undefined) return notRelevant(line);
    return this.#failure(line, request, method, undefined, this.visitors.mayBeStep(who, line.timeMs));
  }

  #failure(line: LogLine, request: IisRequest, method: string, user: string | undefined, isStep = false): FleetEvent {
    const draft = failedLogon(NAME, 'http-request-refused');
    draft.method = method;
    if (!isStep) draft.role = 'part';
    return requestEvent(line, draft, request, user);
  }
}
