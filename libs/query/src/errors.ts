import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const QUERY_ERRORS = {
  QUERY_INVALID: {
    retryable: false,
    message: 'The query cannot be read at column {column}: {reason}.',
    hint: '{instead}',
  },
} as const satisfies ErrorTable;

export const queryError = errorsOf(QUERY_ERRORS);

/** What is wrong, and where. @param at offset in the query, from 0 */
export function refusal(at: number, reason: string, instead: string) {
  return queryError('QUERY_INVALID', { column: at + 1, reason, instead });
}

/** The query with a caret under the place that an error names; of a long query only the part around it. */
export function caretText(query: string, column: number): string {
  const from = Math.max(0, column - 1 - 60);
  const shown = query.slice(from, from + 120).replace(/[\p{Cc}\p{Cf}]/gu, '\u00b7');
  return `${shown}\n${' '.repeat(column - 1 - from)}^`;
}
