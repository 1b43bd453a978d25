import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** What counting windows refuse. */
export const WINDOWS_ERRORS = {
  WINDOWS_OPTIONS_INVALID: {
    retryable: false,
    message: 'Counting windows cannot be made with {option} = {value}: {reason}.',
    hint: 'Change the time span, the lateness or the threshold of the rule.',
  },
  WINDOWS_ATTEMPT_INVALID: {
    retryable: false,
    message: 'An attempt with {field} = {value} cannot be counted.',
    hint: 'The id is 12 hex digits, the time milliseconds since 1970, the host a number from 0 to 65,535.',
  },
  WINDOWS_SNAPSHOT_DAMAGED: {
    retryable: false,
    message: 'The snapshot of the counting windows is damaged: {reason}.',
    hint: 'Restore an older snapshot, or count again from the log.',
  },
  WINDOWS_SNAPSHOT_FOREIGN: {
    retryable: false,
    message: 'The snapshot is of other counting windows: its {field} is {found}, not {expected}.',
    hint: 'The rule or the seed was changed since; count again from the log.',
  },
  WINDOWS_SNAPSHOT_STALE: {
    retryable: true,
    message: 'The counting windows changed while their snapshot was being taken.',
    hint: 'Take all chunks of a snapshot before counting on.',
  },
} as const satisfies ErrorTable;

export const windowsError = errorsOf(WINDOWS_ERRORS);
