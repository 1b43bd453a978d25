/** How a value of a cell changes the query: only it (`=`), it besides (`+`), without it (`-`). */
export type FilterSign = '=' | '+' | '-';
/** Changes the query by a value of a field. */
export type Filter = (field: string, value: string, sign: FilterSign) => void;

/** A condition of the query language that is met by exactly this value. */
export function conditionOf(field: string, value: string): string {
  // What the language reads as an operator, a wildcard, a range or an end of the value is kept by quotes.
  const isPlain = /^[\p{L}\p{N}_@./-][\p{L}\p{N}_@./:-]*$/u.test(value) && !/^(AND|OR|NOT)$/.test(value);
  return `${field}:${isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
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
