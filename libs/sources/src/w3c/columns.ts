const DIRECTIVE = '#Fields:';
/** More columns than any log has that is meant to be read. */
const MAX_COLUMNS = 100;
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * The columns of a log in W3C's extended format, as `#Fields: NAME NAME …` names them; the lines below it hold one value
 * each, a blank between two of them, `-` for none. The programs of Windows write `+` for a blank within a value, so the
 * count of columns is the line's own, whatever a peer sends. Source: https://www.w3.org/TR/WD-logfile.html
 */
export class W3cColumns {
  readonly #index: ReadonlyMap<string, number>;

  constructor(readonly names: readonly string[]) {
    this.#index = new Map(names.map((name, i) => [name, i]));
  }

  /** Undefined when the line is no `#Fields:`, or names too many. Names are in lower case. */
  static of(raw: string): W3cColumns | undefined {
    const text = raw.replace(BYTE_ORDER_MARK, '');
    if (!text.startsWith(DIRECTIVE)) return undefined;
    const names = text
      .slice(DIRECTIVE.length)
      .trim()
      .toLowerCase()
      .split(/\s+/, MAX_COLUMNS + 1);
    return names.length > MAX_COLUMNS ? undefined : new W3cColumns(names);
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.#index.has(name));
  }

  /** The values of a line; undefined when it has not one for each column. */
  split(raw: string): W3cValues | undefined {
    const values = (raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw).split(' ', this.names.length + 1);
    // IIS 6 ends some lines with a blank.
    if (values.length === this.names.length + 1 && values.at(-1) === '' && raw.endsWith(' ')) values.pop();
    return values.length === this.names.length && !values.includes('') ? new W3cValues(values, this.#index) : undefined;
  }
}

/** The values of one line. */
export class W3cValues {
  readonly #values: readonly string[];
  readonly #index: ReadonlyMap<string, number>;

  constructor(values: readonly string[], index: ReadonlyMap<string, number>) {
    this.#values = values;
    this.#index = index;
  }

  /** Undefined for `-`, and when there is no such column. */
  get(name: string): string | undefined {
    const index = this.#index.get(name);
    const value = index === undefined ? undefined : this.#values[index];
    return value === '-' ? undefined : value;
  }

  /** A number of up to ten digits; undefined when it is none. */
  number(name: string): number | undefined {
    const value = this.get(name);
    return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
  }
}

/** Whether the line is a directive: `#Software: …`, `#Version: …`, `#Date: …`. */
export function isDirective(raw: string): boolean {
  return raw.startsWith('#') || raw.startsWith('\uFEFF#');
}
