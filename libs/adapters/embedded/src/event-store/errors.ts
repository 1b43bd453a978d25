import { type ErrorTable, errorsOf, FleetwallError } from '@fleetwall/core';

export const EVENT_STORE_ERRORS = {
  EVENT_STORE_LOCKED: {
    retryable: true,
    message: 'The event store in {directory} is open in another process.',
    hint: 'Only one process can have it open: stop the other service, or give this one another directory.',
  },
  EVENT_STORE_CLOSED: {
    retryable: false,
    message: 'The event store is closed.',
    hint: 'The service is shutting down; start it again.',
  },
  EVENT_STORE_DAY_DAMAGED: {
    retryable: false,
    message: 'The events of {day} cannot be read ({reason}); their file is set aside as {file}.',
    hint: 'The other days go on. Check the disk; bring the day back from a backup, or delete the file.',
  },
  EVENT_STORE_DAY_LAYOUT: {
    retryable: false,
    message: 'The file of {day} has columns of another version: {columns}.',
    hint: 'It was written by another version of this program; use that version, or move the file away.',
  },
  EVENT_STORE_QUERY_REFUSED: {
    retryable: false,
    message: 'The query is refused: {reason}.',
    hint: 'Make the query smaller, or its limit, range or pattern.',
  },
  EVENT_STORE_CURSOR_INVALID: {
    retryable: false,
    message: 'The cursor of the page does not come from a page before it.',
    hint: 'Start again from the first page.',
  },
  EVENT_STORE_TIMEOUT: {
    retryable: true,
    message: 'The query took longer than {timeoutMs} ms.',
    hint: 'Ask for a shorter time range, or search by a field such as source.ip instead of by words.',
  },
  EVENT_STORE_FAILED: {
    retryable: true,
    message: 'The event store could not do it: {reason}.',
    hint: 'Check free space and permissions of the data directory; the same call may be repeated.',
  },
} as const satisfies ErrorTable;

export const eventStoreError = errorsOf(EVENT_STORE_ERRORS);

/** What DuckDB says about files whose bytes are wrong (not about full disks, permissions or locks). */
const DAMAGE =
  /not a valid DuckDB database|[Cc]orrupt|checksum|Could not read enough bytes|Failure while replaying WAL|Serialization Error|Table with name events does not exist/;

export function isDamage(error: unknown): boolean {
  return DAMAGE.test(messageOf(error));
}

/** What DuckDB says when a checkpoint failed (a full disk): it refuses the file until it is attached anew. */
export function isInvalidated(error: unknown): boolean {
  return messageOf(error).includes('Detach and reattach');
}

/** The error as it is when it has a code already, else EVENT_STORE_FAILED with what DuckDB or the system said. */
export function asStoreError(error: unknown): FleetwallError {
  if (error instanceof FleetwallError) return error;
  const reason = messageOf(error).slice(0, 300);
  return eventStoreError('EVENT_STORE_FAILED', { reason }, { cause: error });
}

/** What an error says; DuckDB's are made outside JavaScript and need not be an Error of this realm. */
export function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | undefined)?.message ?? error);
}
