import { protocolError } from './errors.js';

/** Reads the fields of one JSON object of a message, each with its limits. Throws MESSAGE_INVALID, naming the field. */
export class Fields {
  readonly #message: string;
  readonly #path: string;
  readonly #value: Record<string, unknown>;

  /** @param path of the object inside the message: empty, or `blocks[3].` */
  constructor(message: string, value: unknown, path = '') {
    this.#message = message;
    this.#path = path;
    if (!isObject(value)) throw this.#wrong('', 'is no object');
    this.#value = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#value, name);
  }

  /** 1 to `maxChars` characters. */
  text(name: string, maxChars: number): string {
    const value = this.#own(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'is no text');
    if (value.length === 0 || value.length > maxChars) throw this.#wrong(name, `is not 1 to ${maxChars} characters`);
    return value;
  }

  optionalText(name: string, maxChars: number): string | undefined {
    return this.has(name) ? this.text(name, maxChars) : undefined;
  }

  /** @param chars how many hexadecimal digits, in lower case */
  digits(name: string, chars: number): string {
    const value = this.text(name, chars);
    if (value.length !== chars || !/^[0-9a-f]*$/.test(value))
      throw this.#wrong(name, `is not ${chars} hexadecimal digits`);
    return value;
  }

  /** A whole number from `min` to `max`. */
  count(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#own(name);
    if (!Number.isSafeInteger(value)) throw this.#wrong(name, 'is no whole number');
    const number = value as number;
    if (number < min || number > max) throw this.#wrong(name, `is not from ${min} to ${max}`);
    return number;
  }

  /** Whether it is this and nothing else; never wrong. */
  is(name: string, value: string): boolean {
    return this.#own(name) === value;
  }

  flag(name: string): boolean {
    const value = this.#own(name);
    if (typeof value !== 'boolean') throw this.#wrong(name, 'is neither true nor false');
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#own(name);
    if (!choices.includes(value as T)) throw this.#wrong(name, `is none of ${choices.join(', ')}`);
    return value as T;
  }

  texts(name: string, maxItems: number, maxChars: number): string[] {
    return this.#items(name, maxItems).map((value, i) => {
      if (typeof value === 'string' && value.length > 0 && value.length <= maxChars) return value;
      throw this.#wrong(`${name}[${i}]`, `is no text of 1 to ${maxChars} characters`);
    });
  }

  objects<T>(name: string, maxItems: number, read: (fields: Fields) => T): T[] {
    return this.#items(name, maxItems).map((value, i) =>
      read(new Fields(this.#message, value, `${this.#path}${name}[${i}].`)),
    );
  }

  object(name: string): Fields {
    return new Fields(this.#message, this.#own(name), `${this.#path}${name}.`);
  }

  #items(name: string, maxItems: number): unknown[] {
    const value = this.#own(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'is no list');
    if (value.length > maxItems) throw this.#wrong(name, `has more than ${maxItems} items`);
    return value;
  }

  #own(name: string): unknown {
    return this.has(name) ? this.#value[name] : undefined;
  }

  #wrong(name: string, reason: string) {
    return protocolError('MESSAGE_INVALID', {
      message: this.#message,
      field: `${this.#path}${name}` || 'the message',
      reason,
    });
  }
}

/** The type of a control message, and its fields. Throws MESSAGE_INVALID. */
export function readMessage(text: string): { type: string; fields: Fields } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw protocolError('MESSAGE_INVALID', { message: 'a message', field: 'the text', reason: 'is not JSON' });
  }
  const type = new Fields('a message', value).text('type', 64);
  return { type, fields: new Fields(type, value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
