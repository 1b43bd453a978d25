import { piecesOf } from '../parts/escape.js';

/** How a value of a cell changes the query: only it (`=`), it besides (`+`), without it (`-`). */
export type FilterSign = '=' | '+' | '-';
/** Changes the query by a value of a field. */
export type Filter = (field: string, value: string, sign: FilterSign) => void;

/** A condition of the query language that is met by this value; see {@link valueText}. */
export function conditionOf(field: string, value: string): string {
  return `${field}:${valueText(value)}`;
}

/**
 * A value as the query language writes it. It is met by exactly this value, unless that has characters that act on the
 * line they stand in (line ends, overrides of direction): each of them is written as `?`, which is any one character.
 */
export function valueText(value: string): string {
  // What the language reads as an operator, a wildcard, a range or an end of the value is kept by quotes.
  const isPlain = /^[\p{L}\p{N}_@./-][\p{L}\p{N}_@./:-]*$/u.test(value) && !/^(AND|OR|NOT)$/.test(value);
  const pieces = piecesOf(value);
  if (!pieces.some(({ isEscape }) => isEscape)) {
    return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  }
  // Wildcards stand outside quotes, and never beside an escaped one.
  const written = (text: string) => text.replace(/[*?]/g, '?').replace(/[^\p{L}\p{N}_@.:?-]/gu, '\\$&');
  return pieces.map(({ text, isEscape }) => (isEscape ? '?' : written(text))).join('');
}

/** The query with a value of a cell filtered. A query that holds an OR is put in parentheses first. */
export function filtered(query: string, field: string, value: string, sign: FilterSign): string {
  const condition = conditionOf(field, value);
  const before = query.trim();
  if (sign === '=') return condition;
  const added = sign === '+' ? condition : `NOT ${condition}`;
  if (before === '') return added;
  const isLoose = /(^|[\s)])(OR|\|\|)([\s(]|$)/.test(before);
  return `${isLoose ? `(${before})` : before} AND ${added}`;
}
