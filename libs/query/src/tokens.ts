import { refusal } from './errors.js';

/**
 * A piece of a query.
 * - `open`, `close`: `(` and `)`.
 * - `and`, `or`, `not`: the words in capitals, `&&`, `||`, `!`, and `-` before what it belongs to.
 * - `field`: a name and the colon behind it; `text` is the name.
 * - `compare`: `>`, `>=`, `<`, `<=`.
 * - `word`: without quotes; `text` has its escapes resolved, `pattern` tells where `*` and `?` stand unescaped.
 * - `phrase`: in quotes, resolved.
 * - `range`: `[a TO b]` or with braces, each bound a word or phrase; see {@link RangeToken}.
 */
export type Token =
  | { type: 'open' | 'close' | 'and' | 'or' | 'not'; at: number }
  | { type: 'field'; at: number; text: string }
  | PhraseToken
  | { type: 'compare'; at: number; operator: '>' | '>=' | '<' | '<=' }
  | WordToken
  | RangeToken;

export interface PhraseToken {
  type: 'phrase';
  at: number;
  text: string;
}

export interface WordToken {
  type: 'word';
  at: number;
  text: string;
  /** Whether it has a `*` or a `?` that was not escaped. */
  hasWildcard: boolean;
  /** Whether it has one that was: then it cannot be a pattern as well. */
  hasLiteral: boolean;
}

export interface RangeToken {
  type: 'range';
  at: number;
  from: string;
  to: string;
  includesFrom: boolean;
  includesTo: boolean;
}

const MAX_TOKENS = 2_000;
const OPERATORS: ReadonlyMap<string, 'and' | 'or' | 'not'> = new Map([
  ['AND', 'and'],
  ['&&', 'and'],
  ['OR', 'or'],
  ['||', 'or'],
  ['NOT', 'not'],
  ['!', 'not'],
]);
const FIELD = /[\p{L}_@][\p{L}\p{N}_.@-]*:/uy;
const SPACE = /\s/u;
const RANGE = /([[{])\s*("(?:[^"\\]|\\.)*"|[^\s"\]}]+)\s+TO\s+("(?:[^"\\]|\\.)*"|[^\s"\]}]+)\s*([\]}])/y;

/** The pieces of a query, in order. Throws QUERY_INVALID. Linear in its length. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    if (SPACE.test(query[at] as string)) {
      at++;
      continue;
    }
    const last = tokens.at(-1);
    const isValue = (last?.type === 'field' || last?.type === 'compare') && endOf(last) === at;
    const { token, end } = isValue ? valueAt(query, at) : next(query, at);
    tokens.push(token);
    if (tokens.length > MAX_TOKENS)
      throw refusal(at, `it has more than ${MAX_TOKENS} parts`, 'Search for less at a time.');
    at = end;
  }
  return tokens;
}

type Read = { token: Token; end: number };

function endOf(token: Extract<Token, { type: 'field' | 'compare' }>): number {
  return token.at + (token.type === 'field' ? token.text.length + 1 : token.operator.length);
}

/** What touches the colon of a field: an address with colons, a path, a minus sign are all value. */
function valueAt(query: string, at: number): Read {
  const char = query[at] as string;
  return ['(', ')', '"', '[', '{', '>', '<'].includes(char) ? next(query, at) : wordAt(query, at);
}

function next(query: string, at: number): Read {
  const char = query[at] as string;
  if (char === '(') return { token: { type: 'open', at }, end: at + 1 };
  if (char === ')') return { token: { type: 'close', at }, end: at + 1 };
  if (char === '"') return phraseAt(query, at);
  if (char === '[' || char === '{') return rangeAt(query, at);
  if (char === '>' || char === '<') {
    const operator = query[at + 1] === '=' ? (`${char}=` as const) : char;
    return { token: { type: 'compare', at, operator }, end: at + operator.length };
  }
  const isSign = char === '-' || char === '!';
  if (isSign && at + 1 < query.length && !SPACE.test(query[at + 1] as string)) {
    return { token: { type: 'not', at }, end: at + 1 };
  }
  FIELD.lastIndex = at;
  const field = FIELD.exec(query)?.[0];
  if (field !== undefined) return { token: { type: 'field', at, text: field.slice(0, -1) }, end: at + field.length };
  return wordAt(query, at);
}

function phraseAt(query: string, at: number): Read {
  let text = '';
  for (let i = at + 1; i < query.length; i++) {
    const char = query[i] as string;
    if (char === '"') return { token: { type: 'phrase', at, text }, end: i + 1 };
    text += char === '\\' && i + 1 < query.length ? query[++i] : char;
  }
  throw refusal(at, 'the quote is never closed', 'Add a " at the end of the value; write \\" for a quote inside it.');
}

function rangeAt(query: string, at: number): Read {
  RANGE.lastIndex = at;
  const match = RANGE.exec(query);
  if (match === null) {
    throw refusal(at, 'a range is expected here', 'Write [FROM TO UNTIL], for example [1 TO 1024] or [now-1d TO now].');
  }
  const [whole, open, from, to, close] = match as unknown as [string, string, string, string, string];
  const token: RangeToken = {
    type: 'range',
    at,
    from: unquoted(from),
    to: unquoted(to),
    includesFrom: open === '[',
    includesTo: close === ']',
  };
  return { token, end: at + whole.length };
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

/** Up to a blank or a parenthesis; a backslash takes the meaning from whatever follows it. */
function wordAt(query: string, at: number): Read {
  let text = '';
  let hasWildcard = false;
  let hasLiteral = false;
  let end = at;
  for (; end < query.length; end++) {
    let char = query[end] as string;
    if (SPACE.test(char) || char === '(' || char === ')' || char === '"') break;
    if (char === '\\' && end + 1 < query.length) {
      char = query[++end] as string;
      hasLiteral ||= char === '*' || char === '?';
    } else if (char === '*' || char === '?') {
      hasWildcard = true;
    }
    text += char;
  }
  const raw = query.slice(at, end);
  if (/^\/.+\/$/s.test(raw) && /[\\^$.|?*+()[\]{}]/.test(raw)) {
    throw refusal(at, 'regular expressions are not part of it', 'Use * and ? as wildcards, or quote the value.');
  }
  const operator = OPERATORS.get(raw);
  if (operator !== undefined) return { token: { type: operator, at }, end };
  return { token: { type: 'word', at, text, hasWildcard, hasLiteral }, end };
}
