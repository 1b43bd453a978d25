import { type HttpErrorTable, httpErrorsOf } from '@fleetwall/service';

export const CONSOLE_ERRORS = {
  SIGNED_OUT: {
    status: 401,
    retryable: false,
    message: 'Nobody is signed in, or the session is over.',
    hint: 'Sign in; a program sends `Authorization: Bearer` with its token.',
  },
  SIGN_IN_REFUSED: {
    status: 401,
    retryable: false,
    message: 'The name or the password is wrong.',
    hint: 'Check both; an administrator can set a new password.',
  },
  SIGN_IN_THROTTLED: {
    status: 429,
    retryable: true,
    message: 'Too many wrong passwords.',
    hint: 'Try again in {minutes} minutes.',
  },
  SIGN_IN_BUSY: {
    status: 503,
    retryable: true,
    message: 'Too many people sign in at once.',
    hint: 'Try again in a few seconds.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    message: 'This is not for {who}.',
    hint: 'Ask an administrator for another role, or for a token with the scope.',
  },
  FOREIGN_SITE: {
    status: 403,
    retryable: false,
    message: 'The request does not come from the console.',
    hint: 'Send the header `{header}` with what changes something, from a page of the console itself.',
  },
  CONTENT_TYPE_REFUSED: {
    status: 415,
    retryable: false,
    message: 'The body is not sent as application/json.',
    hint: 'Set `Content-Type: application/json`, with no charset but utf-8.',
  },
  INPUT_INVALID: {
    status: 400,
    retryable: false,
    message: '{field}: {reason}.',
    hint: 'See docs/generated/openapi.json for what the endpoint takes.',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    message: 'There is no such {what}.',
    hint: 'It may be beyond its retention, or not yours to see.',
  },
  CHANGED_MEANWHILE: {
    status: 412,
    retryable: false,
    message: 'Somebody else changed this meanwhile.',
    hint: 'Read it again, and repeat the change.',
  },
  SCOPE_FOREIGN: {
    status: 403,
    retryable: false,
    message: 'The block reaches beyond tenant {tenant}.',
    hint: 'Use the scope tenant:{tenant}, or one of its hosts; for the fleet ask who answers for all tenants.',
  },
  SETUP_REFUSED: {
    status: 403,
    retryable: false,
    message: 'The token for the first administrator is wrong, or was used.',
    hint: '`fleetwall status` shows the link while there is no administrator.',
  },
  LAST_ADMINISTRATOR: {
    status: 409,
    retryable: false,
    message: '{name} is the last administrator of all tenants.',
    hint: 'Make somebody else one first.',
  },
  ACCOUNT_EXISTS: {
    status: 409,
    retryable: false,
    message: 'There is already a {what} named {name}.',
    hint: 'Choose another name, or remove the old one.',
  },
  EXPORTS_BUSY: {
    status: 429,
    retryable: true,
    message: 'There are already {most} exports under way.',
    hint: 'Try again when one of them has ended.',
  },
  NOT_REPORTABLE: {
    status: 409,
    retryable: false,
    message: 'There is nothing to report {address} for: {reason}.',
    hint: 'Choose a longer range. Only failed logons over complete connections count: other lines may name a forged address.',
  },
  ABUSE_REPORT_LIMIT: {
    status: 429,
    retryable: true,
    message: 'There were {most} drafts of a report of {address} within a day.',
    hint: 'Try again in {hours} hours; whoever gets too many of them reads none.',
  },
} as const satisfies HttpErrorTable;

export const consoleError = httpErrorsOf(CONSOLE_ERRORS);
