import type { Expression } from './expression.js';
import { Refusal } from './refusal.js';
import { didYouMean } from './suggest.js';

/** A word of a condition and where it starts in it. */
interface Token {
  text: string;
  index: number;
}

const MAX_DEPTH = 50;
const LEGACY = 'Sigma dropped it; write a correlation of type event_count, value_count or temporal in its place.';

/**
 * Reads `selection and not 1 of filter*`. Binding, loosest first: `or`, `and`, `not`, `x of`, parentheses.
 *
 * @param selections the detection's selections by name
 * @param offsetAt where a character of the condition stands in the file
 */
export function readCondition(
  text: string,
  selections: ReadonlyMap<string, Expression>,
  offsetAt: (index: number) => number,
): Expression {
  return new ConditionReader(text, selections, offsetAt).read();
}

class ConditionReader {
  private readonly tokens: Token[];
  private next = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly selections: ReadonlyMap<string, Expression>,
    private readonly offsetAt: (index: number) => number,
  ) {
    this.tokens = [...text.matchAll(/[()|]|[^\s()|]+/g)].map((match) => ({ text: match[0], index: match.index }));
  }

  read(): Expression {
    const expression = this.or();
    const rest = this.tokens[this.next];
    if (rest) throw this.unexpected(rest, '"and", "or" or the end');
    return expression;
  }

  private or(): Expression {
    return this.chain('or', () => this.chain('and', () => this.not()));
  }

  private chain(operator: 'and' | 'or', operand: () => Expression): Expression {
    const of = [operand()];
    while (this.tokens[this.next]?.text === operator) {
      this.next++;
      of.push(operand());
    }
    return of.length === 1 ? (of[0] as Expression) : { type: operator, of };
  }

  private not(): Expression {
    if (this.tokens[this.next]?.text !== 'not') return this.operand();
    return this.nested(() => {
      this.next++;
      return { type: 'not', of: this.not() };
    });
  }

  private operand(): Expression {
    const token = this.tokens[this.next++];
    const expected = 'a selection, "not", "1 of …", "all of …" or "("';
    if (token === undefined || ['and', 'or', 'of', ')', '|'].includes(token.text))
      throw this.unexpected(token, expected);
    if (token.text === '(') {
      return this.nested(() => {
        const inner = this.or();
        const closing = this.tokens[this.next++];
        if (closing?.text !== ')') throw this.unexpected(closing, '"and", "or" or ")"');
        return inner;
      });
    }
    if (this.tokens[this.next]?.text === 'of') return this.quantified(token);
    return this.selection(token);
  }

  /** `1 of them`, `all of selection*`, `2 of x_*`. */
  private quantified(quantifier: Token): Expression {
    this.next++;
    const target = this.tokens[this.next++];
    if (target === undefined || ['(', ')', '|'].includes(target.text)) {
      throw this.unexpected(target, '"them" or a pattern of selection names');
    }
    const of = this.matching(target);
    const { text } = quantifier;
    const count = text === 'all' ? of.length : text === 'any' ? 1 : /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
    if (count === 0) throw this.unexpected(quantifier, '"all", "any" or a number from 1 before "of"');
    if (count > of.length) {
      throw this.unexpected(quantifier, `at most ${of.length}, as "${target.text}" stands for ${of.length} selections`);
    }
    return { type: 'atLeast', count, of };
  }

  private matching(target: Token): Expression[] {
    const names = [...this.selections.keys()];
    const chosen =
      target.text === 'them' ? names.filter((name) => !name.startsWith('_')) : names.filter(nameTest(target.text));
    if (chosen.length === 0) throw this.unknown(target);
    return chosen.map((name) => this.selections.get(name) as Expression);
  }

  private selection(token: Token): Expression {
    const selection = this.selections.get(token.text);
    if (selection) return selection;
    if (this.tokens[this.next] === undefined || /^[\w.-]+$/.test(token.text)) throw this.unknown(token);
    throw this.unexpected(token, 'the name of a selection');
  }

  private nested(read: () => Expression): Expression {
    if (++this.depth > MAX_DEPTH) {
      throw new Refusal('SIGMA_LIMIT', this.offsetAt(0), {
        what: 'Too many nested parentheses and "not"',
        limit: String(MAX_DEPTH),
        instead: 'Split the condition into several, as a list.',
      });
    }
    const expression = read();
    this.depth--;
    return expression;
  }

  private unknown(token: Token): Refusal {
    return new Refusal('SIGMA_UNKNOWN_SELECTION', this.offsetAt(token.index), {
      name: token.text,
      expected: [...this.selections.keys()].slice(0, 20).join(', '),
      instead: didYouMean(
        token.text,
        ['and', 'or', 'not', ...this.selections.keys()],
        'Add the selection to the detection.',
      ),
    });
  }

  private unexpected(token: Token | undefined, expected: string): Refusal {
    const at = this.offsetAt(token?.index ?? this.text.length);
    if (token?.text === '|' || token?.text === 'near') {
      return new Refusal('SIGMA_UNSUPPORTED', at, {
        feature: token.text === '|' ? 'Aggregation in a condition ("| count() …")' : 'The operator "near"',
        expected: 'a condition over selections',
        instead: LEGACY,
      });
    }
    return new Refusal('SIGMA_CONDITION', at, {
      found: token ? `"${token.text}"` : 'the end',
      expected,
      instead: 'Example: selection and not 1 of filter*',
    });
  }
}

/** `sel*_a`: `*` stands for any run of characters. */
function nameTest(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) as string;
  return (name) => {
    if (parts.length === 1) return name === pattern;
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.endsWith(last) && name.length - last.length >= at;
  };
}
