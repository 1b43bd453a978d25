import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const CUSTOM_SOURCE_ERRORS = {
  SOURCE_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See docs/sources.md for what a source is made of; `fleetwall sources test` checks all files.',
  },
  SOURCE_TEST_FAILED: {
    retryable: false,
    message: '{reason}',
    hint: '{instead}',
  },
} as const satisfies ErrorTable;

export const customSourceError = errorsOf(CUSTOM_SOURCE_ERRORS);
