import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const DECISION_STORE_ERRORS = {
  DECISION_STORE_CLOSED: {
    retryable: false,
    message: 'The store of alerts and blocks is closed.',
    hint: 'The service is shutting down; start it again.',
  },
  DECISION_STORE_QUERY_REFUSED: {
    retryable: false,
    message: 'The query for alerts or blocks is refused: {reason}.',
    hint: 'Ask for 1 to 1,000 at a time, and use only cursors of the page before.',
  },
} as const satisfies ErrorTable;

export const decisionStoreError = errorsOf(DECISION_STORE_ERRORS);
