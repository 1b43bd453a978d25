import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const DETECTION_ERRORS = {
  CORRELATION_UNSUPPORTED: {
    retryable: false,
    message: 'The correlation {rule} cannot be counted: {reason}.',
    hint: 'Use event_count or value_count over plain rules, or temporal_ordered of one event_count and one plain rule.',
  },
  COUNTER_SNAPSHOT_FOREIGN: {
    retryable: false,
    message: 'The snapshot of the windows does not fit: {reason}.',
    hint: 'Nothing to do: the windows are rebuilt from an older snapshot or from the observations.',
  },
} as const satisfies ErrorTable;

export const detectionError = errorsOf(DETECTION_ERRORS);
