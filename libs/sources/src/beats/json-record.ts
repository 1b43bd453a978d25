/**
 * A JSON object of somebody else, looked at field by field: what has another type than asked for is absent. Fields are
 * found nested (`{"host":{"name":…}}`), as Beats write them, or under their dotted name. Nothing inherited is found.
 */
export class JsonRecord {
  readonly fields: Readonly<Record<string, unknown>>;

  private constructor(fields: Record<string, unknown>) {
    this.fields = fields;
  }

  /** Undefined when the text is not JSON, or no object. */
  static read(json: string): JsonRecord | undefined {
    try {
      const value: unknown = JSON.parse(json);
      return isObject(value) ? new JsonRecord(value) : undefined;
    } catch {
      return undefined;
    }
  }

  get(path: string): unknown {
    if (Object.hasOwn(this.fields, path)) return this.fields[path];
    let value: unknown = this.fields;
    for (const name of path.split('.')) {
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  }

  object(path: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.get(path);
    return isObject(value) ? value : undefined;
  }

  text(path: string): string | undefined {
    const value = this.get(path);
    return typeof value === 'string' ? value : undefined;
  }

  /** A whole number of 0 to 2^53, or its decimal digits. */
  number(path: string): number | undefined {
    const value = this.get(path);
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
  }

  /** The texts of a list; none when there is no list. */
  texts(path: string): string[] {
    const value = this.get(path);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }

  /** `@timestamp`, an ISO 8601 instant with a zone, as milliseconds since 1970 UTC; not before (Go's zero time is the year 1). */
  get timeMs(): number | undefined {
    const text = this.text('@timestamp');
    if (text === undefined || !INSTANT.test(text)) return undefined;
    const timeMs = Date.parse(text);
    return timeMs >= 0 ? timeMs : undefined;
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
