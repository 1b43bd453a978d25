import { RE2JS } from 're2js';

/** A larger program is no pattern for a line of a log. */
const MAX_PATTERN_LENGTH = 2_000;

/** What the groups of a pattern hold, by name. */
export type Groups = Readonly<Record<string, string>>;

export interface GroupSpan {
  name: string;
  start: number;
  end: number;
}

/** A pattern for a whole line, in RE2: linear in the length of the line whatever the pattern is. */
export class LinePattern {
  readonly #contains: string;
  readonly #pattern: RE2JS;
  readonly groups: readonly string[];

  /** Throws an Error in words for a pattern that RE2 does not take. */
  constructor(contains: string, pattern: string) {
    if (pattern.length > MAX_PATTERN_LENGTH) throw new Error(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
    this.#contains = contains;
    this.#pattern = RE2JS.compile(pattern, RE2JS.DOTALL);
    this.groups = Object.keys(this.#pattern.namedGroups());
  }

  /** The groups that took part, when the whole text matches. */
  match(text: string): Groups | undefined {
    const spans = this.spans(text);
    return spans && Object.fromEntries(spans.map(({ name, start, end }) => [name, text.slice(start, end)]));
  }

  /** Where they stand. */
  spans(text: string): GroupSpan[] | undefined {
    if (!text.includes(this.#contains)) return undefined;
    const matcher = this.#pattern.matcher(text);
    if (!matcher.matches()) return undefined;
    return this.groups
      .map((name) => ({ name, start: matcher.start(name), end: matcher.end(name) }))
      .filter(({ start }) => start >= 0);
  }
}
