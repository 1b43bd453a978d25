import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const DETECTION_ERRORS = {
  CORRELATION_UNSUPPORTED: {
    retryable: false,
    message: 'The correlation {rule} cannot be counted: {reason}.',
    hint: 'An event_count counts matches of plain rules; over correlations use value_count, temporal or temporal_ordered.',
  },
  COUNTER_SNAPSHOT_FOREIGN: {
    retryable: false,
    message: 'The snapshot of the windows does not fit: {reason}.',
    hint: 'Nothing to do: the windows are rebuilt from an older snapshot or from the observations.',
  },
} as const satisfies ErrorTable;

export const detectionError = errorsOf(DETECTION_ERRORS);
