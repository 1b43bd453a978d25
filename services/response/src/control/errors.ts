import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const CONTROL_ERRORS = {
  REQUEST_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See `./fleetwall help` for what each command takes.',
  },
  TOO_MUCH_TO_SEARCH: {
    retryable: false,
    message: 'There are more than {limit} events about sessions in that time.',
    hint: 'Ask for less time: --since 1d.',
  },
  NOT_LISTED: {
    retryable: false,
    message: '{target} is not on the {list}list.',
    hint: 'See the list with `./fleetwall {list}`.',
  },
} as const satisfies ErrorTable;

export const controlError = errorsOf(CONTROL_ERRORS);
