import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** What `POST /v1/logons` answers when it does not take what it is given. */
export const LOGON_ERRORS = {
  LOGONS_NOT_FOUND: {
    retryable: false,
    message: 'There is only POST /v1/logons.',
    hint: 'See docs/logons.md.',
  },
  LOGONS_UNKNOWN_TOKEN: {
    retryable: false,
    message: 'The token is unknown.',
    hint: 'Send `Authorization: Bearer TOKEN` with a token of `collector.logons.tokens`.',
  },
  LOGONS_NOT_JSON: {
    retryable: false,
    message: 'The body is no JSON: {reason}.',
    hint: 'Send one result or a list of them, as `Content-Type: application/json`.',
  },
  LOGONS_INVALID: {
    retryable: false,
    message: '{field}: {reason}.',
    hint: 'Nothing of this request was taken. docs/logons.md has the fields.',
  },
  LOGONS_TOO_LARGE: {
    retryable: false,
    message: 'The body is larger than {limit} bytes.',
    hint: 'Send fewer results at a time.',
  },
  LOGONS_BUSY: {
    retryable: true,
    message: 'The results cannot be stored right now.',
    hint: 'Send them again, with the same `id` each: they count once.',
  },
} as const satisfies ErrorTable;

export const logonError = errorsOf(LOGON_ERRORS);
