import { FleetwallError } from '@fleetwall/core';

/** One mistake in a file that an operator may have written: a rule, a policy, a log source. */
export interface DetectionProblem {
  code: string;
  /** `path:line:column`, or the path alone where no line can be named. */
  position: string;
  /** What is wrong, and below it the line of the file with a caret. */
  message: string;
  hint: string;
}

/** The mistake that reading throws, or nothing. @param place of a mistake that names none */
export function problemOf(read: () => unknown, place: string): DetectionProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof FleetwallError)) throw error;
    const { code, message, hint, position = place } = error;
    return [{ code, position, message, hint }];
  }
}

/** The reverse of {@link problemOf}. */
export function errorOf({ code, position, message, hint }: DetectionProblem): FleetwallError {
  return new FleetwallError(code, { retryable: false, message, hint }, {}, { position });
}
