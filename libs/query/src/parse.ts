import type { Query } from '@fleetwall/core';
import { comparison, rangeCondition, textCondition, valueCondition } from './conditions.js';
import { refusal } from './errors.js';
import { type Token, tokensOf } from './tokens.js';

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 30;
/** What every store takes; see EVENT_STORE_QUERY_REFUSED. */
const MAX_CONDITIONS = 500;

/**
 * Reads a query as people type it (docs/specs/query.md):
 *
 *     query     = or
 *     or        = and { ("OR" | "||") and }
 *     and       = not { [ "AND" | "&&" ] not }
 *     not       = { "NOT" | "!" | "-" } primary
 *     primary   = "(" query ")" | field ":" value | value
 *     value     = word | phrase | range | compare word | "(" values ")"
 *
 * The empty query is everything. Throws QUERY_INVALID with the column. Linear in the length of the text.
 *
 * @param nowMs what `now` means, milliseconds since 1970 UTC
 */
export function parseQuery(text: string, nowMs: number): Query {
  if (text.length > MAX_LENGTH) {
    throw refusal(MAX_LENGTH, `it is longer than ${MAX_LENGTH} characters`, 'Search for less at a time.');
  }
  return new Parser(text, nowMs).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #nowMs: number;
  #next = 0;
  #conditions = 0;

  constructor(text: string, nowMs: number) {
    this.#tokens = tokensOf(text);
    this.#end = text.length;
    this.#nowMs = nowMs;
  }

  parse(): Query {
    if (this.#tokens.length === 0) return { type: 'all' };
    const query = this.#or(0, undefined);
    const rest = this.#peek();
    if (rest !== undefined)
      throw refusal(rest.at, 'there is no "(" that this ")" closes', 'Remove it, or add a "(" before.');
    return query;
  }

  /** @param field whose values stand in parentheses; undefined outside of such */
  #or(depth: number, field: string | undefined): Query {
    const of = [this.#and(depth, field)];
    while (this.#takes('or')) of.push(this.#and(depth, field));
    return joined('or', of);
  }

  #and(depth: number, field: string | undefined): Query {
    const of = [this.#not(depth, field)];
    for (;;) {
      const isNamed = this.#takes('and');
      const token = this.#peek();
      const isOver = token === undefined || token.type === 'close' || token.type === 'or';
      if (isOver && !isNamed) return joined('and', of);
      of.push(this.#not(depth, field));
    }
  }

  #not(depth: number, field: string | undefined): Query {
    let isNegated = false;
    while (this.#takes('not')) isNegated = !isNegated;
    const query = this.#primary(depth, field);
    return isNegated ? { type: 'not', of: query } : query;
  }

  #primary(depth: number, field: string | undefined): Query {
    const token = this.#peek();
    if (token === undefined)
      throw refusal(this.#end, 'a condition is missing at the end', 'Add one, such as user.name:root.');
    this.#next++;
    switch (token.type) {
      case 'open':
        return this.#group(token.at, depth + 1, field);
      case 'field':
        if (field !== undefined)
          throw refusal(token.at, `a field stands among the values of ${field}`, 'Close the parenthesis before it.');
        return this.#fieldValue(token.text, depth);
      case 'word':
      case 'phrase':
        this.#count(token.at);
        return field === undefined ? textCondition(token) : valueCondition(field, token, this.#nowMs);
      case 'range':
      case 'compare':
        if (field === undefined)
          throw refusal(token.at, 'a range needs a field', 'Write field:[1 TO 10] or field:>=10.');
        this.#next--;
        return this.#fieldValue(field, depth);
      default:
        throw refusal(
          token.at,
          'a condition is expected here',
          'Write a word, field:value, or a group in parentheses.',
        );
    }
  }

  #group(at: number, depth: number, field: string | undefined): Query {
    if (depth > MAX_DEPTH)
      throw refusal(at, `it is nested deeper than ${MAX_DEPTH} levels`, 'Write it with fewer parentheses.');
    const query = this.#or(depth, field);
    if (!this.#takes('close')) throw refusal(at, 'the "(" is never closed', 'Add a ")" where the group ends.');
    return query;
  }

  #fieldValue(field: string, depth: number): Query {
    const token = this.#peek();
    const at = token?.at ?? this.#end;
    this.#next++;
    switch (token?.type) {
      case 'open':
        return this.#group(at, depth + 1, field);
      case 'word':
      case 'phrase':
        this.#count(at);
        return valueCondition(field, token, this.#nowMs);
      case 'range':
        this.#count(at);
        return rangeCondition(field, token, this.#nowMs);
      case 'compare': {
        const value = this.#peek();
        if (value?.type !== 'word' && value?.type !== 'phrase') {
          throw refusal(at, 'a number or a time is expected here', 'Write a number, or a time such as now-7d.');
        }
        this.#next++;
        this.#count(at);
        return comparison(field, token.operator, value.text, value.at, this.#nowMs);
      }
      default:
        throw refusal(at, `the value of ${field} is missing`, `Write ${field}:value, or ${field}:* for any.`);
    }
  }

  #count(at: number): void {
    if (++this.#conditions > MAX_CONDITIONS) {
      throw refusal(at, `it has more than ${MAX_CONDITIONS} conditions`, 'Search for less at a time.');
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takes(type: Token['type']): boolean {
    if (this.#peek()?.type !== type) return false;
    this.#next++;
    return true;
  }
}

function joined(type: 'and' | 'or', of: Query[]): Query {
  return of.length === 1 ? (of[0] as Query) : { type, of };
}
