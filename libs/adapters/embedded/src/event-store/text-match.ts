/**
 * SQL conditions on text. Values travel as parameters only; the regular expressions are RE2, which is linear in the
 * text whatever the pattern, and consist of nothing but ASCII letters in brackets, digits and escapes.
 */
export type AddParameter = (value: string) => string;

/** Answers an SQL condition on an SQL text expression. */
export type TextCondition = (expression: string) => string;

/** Equal, ASCII letters without regard to case. */
export function equalsText(value: string, parameter: AddParameter): TextCondition {
  if (!/[A-Za-z]/.test(value)) {
    const exact = parameter(value);
    return (expression) => `${expression} = ${exact}`;
  }
  if (/^[\x00-\x7f]*$/.test(value)) {
    // lower() also maps letters such as the Kelvin sign to ASCII; those are longer in bytes than what they become.
    const lower = parameter(value.toLowerCase());
    return (expression) => `(lower(${expression}) = ${lower} AND strlen(${expression}) = ${value.length})`;
  }
  return matches(`^${literal(value)}$`, parameter);
}

/** Begins with the value, ASCII letters without regard to case. */
export function startsWithText(value: string, parameter: AddParameter): TextCondition {
  if (!/[A-Za-z]/.test(value)) {
    const exact = parameter(value);
    return (expression) => `starts_with(${expression}, ${exact})`;
  }
  return matches(`^${literal(value)}`, parameter);
}

/** `*` any run, `?` any one code point, ASCII letters without regard to case. */
export function matchesWildcard(pattern: string, parameter: AddParameter): TextCondition {
  const parts = pattern.match(/\*+|\?|[^*?]+/g) ?? [];
  const regex = parts.map((part) => (part[0] === '*' ? '.*' : part === '?' ? '.' : literal(part))).join('');
  return matches(`(?s)^${regex}$`, parameter);
}

/**
 * Every word of the value is a whole word of the text: runs of letters and digits, compared by simple lower case.
 * Undefined when the value has no word.
 */
export function hasWords(value: string, parameter: AddParameter): TextCondition | undefined {
  const words = [...new Set(simpleLower(value).match(/[\p{L}\p{N}]+/gu) ?? [])];
  if (words.length === 0) return undefined;
  const conditions = words.map((word) => {
    const part = parameter(word);
    const whole = matches(`(^|[^\\p{L}\\p{N}])${exactly(word)}([^\\p{L}\\p{N}]|$)`, parameter);
    return (expression: string) => `(contains(lower(${expression}), ${part}) AND ${whole(`lower(${expression})`)})`;
  });
  return (expression) => `(${conditions.map((condition) => condition(expression)).join(' AND ')})`;
}

function matches(regex: string, parameter: AddParameter): TextCondition {
  const pattern = parameter(regex);
  return (expression) => `regexp_matches(${expression}, ${pattern})`;
}

/** RE2 for the text itself, ASCII letters in either case. */
function literal(text: string): string {
  return [...text].map((c) => (/[A-Za-z]/.test(c) ? `[${c.toLowerCase()}${c.toUpperCase()}]` : escaped(c))).join('');
}

function exactly(text: string): string {
  return [...text].map((c) => (/[A-Za-z]/.test(c) ? c : escaped(c))).join('');
}

function escaped(codePoint: string): string {
  return /[0-9]/.test(codePoint) ? codePoint : `\\x{${(codePoint.codePointAt(0) as number).toString(16)}}`;
}

/** One code point to one code point, as DuckDB's lower(): İ becomes i, and sigma does not look at its neighbours. */
function simpleLower(text: string): string {
  return [...text].map((c) => (c === 'İ' ? 'i' : c.toLowerCase())).join('');
}
