import type { JsonRecord } from '../beats/json-record.js';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';

/** A wrong password ends in the middle of the request (0, in later versions 401), or shows the form again (422). */
const REFUSED: readonly number[] = [0, 401, 422];

/**
 * A request of production_json.log that tells of a logon:
 *
 * - `SessionsController#create` with a login: refused by {@link REFUSED}, let in with a redirect;
 * - the same with `otp_attempt` and 200: a wrong second factor, whose form is shown again;
 * - `OmniauthCallbacksController`: `failure` is one (LDAP and others), any other action with a redirect is a logon.
 *
 * Who is let in is in `username`, by GitLab; what was tried is in `params`, by the peer.
 */
export function readRequest(record: JsonRecord): EventDraft | undefined {
  const [controller, action, status] = [record.text('controller'), record.text('action'), record.number('status')];
  if (controller === 'OmniauthCallbacksController') {
    if (action === 'failure') return refused(parameter(record, 'username'));
    return status === 302 ? letIn(record) : undefined;
  }
  if (controller !== 'SessionsController' || action !== 'create') return undefined;
  if (status === 302) return letIn(record);
  const user = objectOf(parameter(record, 'user'));
  if (status === 200 && typeof user?.otp_attempt === 'string') return refused(undefined, 'otp');
  // A form that was too old is refused before any password is looked at.
  if (typeof user?.login !== 'string' || !REFUSED.includes(status ?? -1) || isCrossSite(record)) return undefined;
  return refused(user.login);
}

function letIn(record: JsonRecord): EventDraft | undefined {
  const user = record.text('username');
  if (user === undefined) return undefined;
  const draft = logon('gitlab', 'gitlab-request-accepted');
  draft.user = user;
  return draft;
}

function refused(user: unknown, method?: string): EventDraft {
  const draft = failedLogon('gitlab', 'gitlab-request-refused');
  if (typeof user === 'string') draft.user = user;
  draft.method = method;
  draft.role = 'part';
  return draft;
}

function isCrossSite(record: JsonRecord): boolean {
  return record.text('exception.class')?.endsWith('InvalidAuthenticityToken') === true;
}

/** The value of `{"key":NAME,"value":…}` in `params`. */
function parameter(record: JsonRecord, name: string): unknown {
  const params = record.get('params');
  if (!Array.isArray(params)) return undefined;
  return params.map(objectOf).find((entry) => entry?.key === name)?.value;
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
