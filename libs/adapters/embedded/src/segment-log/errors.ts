import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const LOG_ERRORS = {
  LOG_WRITE_FAILED: {
    retryable: true,
    message: 'Nothing can be written to {directory}: {reason}.',
    hint: 'Free space, or repair or remount the disk; writing goes on by itself then, and nothing acknowledged is lost.',
  },
  LOG_READ_FAILED: {
    retryable: true,
    message: '{file} cannot be read: {reason}.',
    hint: 'Check the disk and the rights of the file.',
  },
  LOG_BUSY: {
    retryable: true,
    message: 'More than {limit} bytes wait to be written to {directory}.',
    hint: 'The disk is slower than the writers; they must wait for their appends.',
  },
  LOG_RECORD_TOO_LARGE: {
    retryable: false,
    message: 'A record of {bytes} bytes is larger than {limit}.',
    hint: 'Split the record.',
  },
  LOG_CLOSED: {
    retryable: false,
    message: 'The log in {directory} is closed.',
    hint: 'The program is shutting down; start it again.',
  },
  LOG_LOCKED: {
    retryable: false,
    message: '{directory} is in use by process {pid}.',
    hint: 'Stop that process, or give this one another directory.',
  },
} as const satisfies ErrorTable;

export const logError = errorsOf(LOG_ERRORS);

/** The system's word for what went wrong: `ENOSPC`, or the message when it has none. */
export function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}
