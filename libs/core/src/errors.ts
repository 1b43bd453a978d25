/**
 * One row per error: the text a person reads, what to do about it, and whether the same call may succeed later.
 * `{name}` in a message or a hint is filled from the details. Codes are unique and documented in docs/errors.md (a test checks).
 */
export interface ErrorRow {
  retryable: boolean;
  message: string;
  hint: string;
}

export type ErrorTable = Record<string, ErrorRow>;

/** An error with a code of some package's table. `position` says where in a file: `rules/x.yml:12:5`. */
export class FleetwallError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly details: Record<string, string | number>;
  readonly position: string | undefined;

  constructor(
    code: string,
    row: ErrorRow,
    details: Record<string, string | number> = {},
    options: { cause?: unknown; position?: string } = {},
  ) {
    super(filled(row.message, details), { cause: options.cause });
    this.name = 'FleetwallError';
    this.code = code;
    this.hint = filled(row.hint, details);
    this.retryable = row.retryable;
    this.details = details;
    this.position = options.position;
  }
}

function filled(text: string, details: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(details[name] ?? all));
}

/** Makes the thrower for one table: `const fail = errorsOf(ERRORS); throw fail('BUS_CLOSED', {…})`. */
export function errorsOf<T extends ErrorTable>(table: T) {
  return (
    code: keyof T & string,
    details?: Record<string, string | number>,
    options?: { cause?: unknown; position?: string },
  ): FleetwallError => new FleetwallError(code, table[code] as ErrorRow, details, options);
}

export const CORE_ERRORS = {
  BUS_CLOSED: {
    retryable: false,
    message: 'The bus is closed.',
    hint: 'The service is shutting down; start it again.',
  },
  BUS_TOPIC_UNKNOWN: {
    retryable: false,
    message: 'Topic {topic} does not exist.',
    hint: 'Declare the topic before using it.',
  },
  BUS_TOPIC_MISMATCH: {
    retryable: false,
    message: 'Topic {topic} has {actual} partitions, but {expected} are configured.',
    hint: 'Partition counts are fixed at creation; set the configuration back, or migrate the topic.',
  },
  BUS_RETENTION_TOO_SHORT: {
    retryable: false,
    message: 'Topic {topic} keeps records for {actualMs} ms, but {neededMs} ms are needed.',
    hint: 'Set retention.ms of {topic} to {neededMs} at the broker.',
  },
  BUS_PARTITION_UNKNOWN: {
    retryable: false,
    message: 'Topic {topic} has no partition {partition}.',
    hint: 'Partitions count from 0 and are fixed at creation; leave the choice to the key unless the place matters.',
  },
  REGISTRY_CONFLICT: {
    retryable: true,
    message: '{collection}/{id} is at version {actual}, not {expected}.',
    hint: 'Read the document again and repeat the change.',
  },
  ADDRESS_INVALID: {
    retryable: false,
    message: '"{value}" is not an IP address or network: {reason}.',
    hint: 'Write an address like 198.51.100.7 or 2001:db8::7, or a network like 198.51.100.0/24; names are not looked up.',
  },
} as const satisfies ErrorTable;

export const coreError = errorsOf(CORE_ERRORS);
