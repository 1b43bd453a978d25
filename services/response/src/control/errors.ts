import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const CONTROL_ERRORS = {
  REQUEST_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See `./fleetwall help` for what each command takes.',
  },
  NOT_ALLOWED: {
    retryable: false,
    message: '{target} is not on the allowlist.',
    hint: 'See the list with `./fleetwall allow`.',
  },
} as const satisfies ErrorTable;

export const controlError = errorsOf(CONTROL_ERRORS);
