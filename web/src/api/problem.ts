import type { components } from './schema.js';

export type Problem = components['schemas']['Problem'];

/** A refusal or failure of the API: RFC 9457 with Fleetwall's code and hint; of queries the column, from 1. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Whether the query was never run, since it cannot be read. */
export function isUnreadableQuery(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.column !== undefined;
}

/** Whether nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 401;
}
