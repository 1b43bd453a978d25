import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const RESPONSE_SERVICE_ERRORS = {
  RESPONSE_SUPERSEDED: {
    retryable: true,
    message: 'Another instance of the response service decides, under term {term}.',
    hint: 'Nothing is lost: this instance stands by and joins again. Only if it never ends, look for instances that the broker cannot reach.',
  },
} as const satisfies ErrorTable;

export const responseServiceError = errorsOf(RESPONSE_SERVICE_ERRORS);
