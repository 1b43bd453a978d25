import { escaped } from '../parts/escape.js';

/** As much of the query as stands before the caret, characters. */
const BEFORE = 60;
const AFTER = 30;

/** Two lines: the query about the column (from 1), and a caret below it. */
export function caretOf(query: string, column: number): string {
  const at = Math.min(Math.max(column - 1, 0), query.length);
  const begin = Math.max(0, at - BEFORE);
  const end = Math.min(query.length, at + AFTER);
  const before = `${begin > 0 ? '…' : ''}${escaped(query.slice(begin, at))}`;
  const after = `${escaped(query.slice(at, end))}${end < query.length ? '…' : ''}`;
  return `${before}${after}\n${' '.repeat([...before].length)}^`;
}
