import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const REGISTRY_ERRORS = {
  REGISTRY_CLOSED: {
    retryable: false,
    message: 'The registry is closed.',
    hint: 'The service is shutting down; start it again.',
  },
  REGISTRY_NAME_REFUSED: {
    retryable: false,
    message: 'A {what} is refused: {reason}.',
    hint: 'Use at most 128 bytes of UTF-8 for a collection and 512 for an id.',
  },
  REGISTRY_VALUE_REFUSED: {
    retryable: false,
    message: 'The value for {collection}/{id} cannot be written as JSON.',
    hint: 'Store objects, lists, texts, numbers, booleans or null.',
  },
} as const satisfies ErrorTable;

export const registryError = errorsOf(REGISTRY_ERRORS);
