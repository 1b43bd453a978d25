import { type ErrorRow, FleetwallError } from '@fleetwall/core';

/** A row of errors that are answers over HTTP, with their status. */
export type HttpErrorTable = Record<string, ErrorRow & { status: number }>;

/** An error that says itself what status its answer has. */
export class HttpError extends FleetwallError {
  readonly status: number;

  constructor(code: string, row: ErrorRow & { status: number }, details?: Record<string, string | number>) {
    super(code, row, details);
    this.status = row.status;
  }
}

/** Makes the thrower for one table, as core's `errorsOf`. */
export function httpErrorsOf<T extends HttpErrorTable>(table: T) {
  return (code: keyof T & string, details?: Record<string, string | number>): HttpError =>
    new HttpError(code, table[code] as HttpErrorTable[string], details);
}
