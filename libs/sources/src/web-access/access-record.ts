import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import type { Visitors } from './visitors.js';
import { finishHttp } from './web-event.js';

/** One request as an access log tells of it, whatever the log's form. */
export interface AccessRecord {
  /** Whose request it was: an address, or the name that the server printed; undefined where nobody can tell. */
  client: string | undefined;
  /** As the client sent it in its `Authorization`; undefined for none. */
  user: string | undefined;
  method: string;
  /** Path and query. */
  target: string;
  status: number;
}

const UNAUTHORIZED = 401;
const MAX_PATH_CHARS = 256;

/**
 * The event of a request that tells of a logon; all others are not relevant.
 *
 * @param visitors what earlier lines of the log said of those who have logged on; absent where lines are read one by one
 */
export function readAccess(
  line: LogLine,
  module: string,
  record: AccessRecord,
  visitors?: Visitors,
): FleetEvent | Unparsed {
  if (record.method === 'POST') {
    const path = pathOf(record.target);
    if (path.endsWith('/wp-login.php')) return readWordpressLogon(line, module, record, visitors);
    if (path.endsWith('/xmlrpc.php') && record.status === 200) {
      return requestEvent(line, plainDraft(module, 'wordpress-xmlrpc-call', CATEGORY.web, TYPE.access), record);
    }
  }
  const { user, status } = record;
  if (user === undefined) return notRelevant(line);
  const who = `${record.client}\n${user}`;
  if (status === UNAUTHORIZED) {
    const draft = failedLogon(module, 'http-request-refused');
    draft.user = user;
    if (visitors?.wasLetIn(who, line.timeMs) !== true) draft.role = 'part';
    return requestEvent(line, draft, record);
  }
  if (status >= 200 && status < 400) visitors?.letIn(who, line.timeMs);
  return notRelevant(line);
}

/** What the form of wp-login.php is asked for, where it is not a logon. */
const OTHER_ACTIONS = /[?&]action=(?!login(?:&|$))|[?&](?:loggedout|reauth|registration|checkemail|interim-login|key)=/;

/**
 * wp_signon in wp-login.php redirects (302) whoever logged on, and shows the form again (200) to whoever did not. Where a
 * plugin asks for a second factor, the form of that is a 200 as well.
 */
function readWordpressLogon(
  line: LogLine,
  module: string,
  record: AccessRecord,
  visitors: Visitors | undefined,
): FleetEvent | Unparsed {
  if (OTHER_ACTIONS.test(record.target)) return notRelevant(line);
  const who = `${record.client}`;
  if (record.status === 302) {
    visitors?.loggedOn(who, line.timeMs);
    return requestEvent(line, logon(module, 'wordpress-form-accepted'), record);
  }
  if (record.status !== 200) return notRelevant(line);
  // Of the same name as the other failures of this log: each of them is a try of its own.
  const draft = failedLogon(module, 'http-request-refused');
  draft.method = 'wordpress-form';
  if (visitors?.mayBeStep(who, line.timeMs) !== true) draft.role = 'part';
  return requestEvent(line, draft, record);
}

function requestEvent(line: LogLine, draft: ReturnType<typeof failedLogon>, record: AccessRecord): FleetEvent {
  if (record.client !== undefined) setSource(draft, record.client);
  const event = finishHttp(draft, line);
  event['http.request.method'] = record.method;
  event['http.response.status_code'] = record.status;
  event['url.path'] = pathOf(record.target).slice(0, MAX_PATH_CHARS);
  return event;
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}
