/** One record of CEF or LEEF, its escapes undone. */
export interface CefRecord {
  vendor: string;
  product: string;
  version: string;
  /** What kind of event: CEF's signature id, LEEF's event id. */
  code: string;
  /** CEF's name of it; empty in LEEF. */
  name: string;
  /** By key; undefined where a key stands twice: then a value may have been cut into a key by whoever wrote it. */
  fields: ReadonlyMap<string, string | undefined>;
}

const PIPE = 124;
const BACKSLASH = 92;
const EQUALS = 61;
const SPACE = 32;

/**
 * `VERSION|VENDOR|PRODUCT|VERSION|SIGNATURE|NAME|SEVERITY|KEY=VALUE KEY=VALUE…`, after `CEF:`. In the head `\|` and `\\`, in
 * values `\=`, `\\`, `\n` and `\r` are escaped; a value ends where the next ` KEY=` begins. Undefined when a part is missing.
 *
 * Source: ArcSight Common Event Format, revision 25 (Micro Focus).
 */
export function readCef(text: string): CefRecord | undefined {
  const head = readHead(text, 7);
  if (head === undefined) return undefined;
  const [, vendor = '', product = '', version = '', code = '', name = ''] = head.parts;
  return { vendor, product, version, code, name, fields: readExtension(text.slice(head.end)) };
}

/**
 * `1.0|VENDOR|PRODUCT|VERSION|EVENT|KEY=VALUE<tab>…`, after `LEEF:`; 2.0 has the delimiter as a further part, a character or
 * `x5E`. Source: IBM, QRadar LEEF format guide.
 */
export function readLeef(text: string): CefRecord | undefined {
  const head = readHead(text, text.startsWith('2') ? 6 : 5);
  if (head === undefined) return undefined;
  const [, vendor = '', product = '', version = '', code = '', delimiter = ''] = head.parts;
  const fields = new Map<string, string | undefined>();
  for (const pair of text.slice(head.end).split(delimiterOf(delimiter))) {
    const at = pair.indexOf('=');
    if (at > 0) add(fields, pair.slice(0, at).trimStart(), pair.slice(at + 1));
  }
  return { vendor, product, version, code, name: '', fields };
}

function delimiterOf(text: string): string {
  const hex = /^0?x([0-9A-Fa-f]{1,4})$/.exec(text)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return text.length === 1 ? text : '\t';
}

/** The parts before the `count`th pipe, and where the rest begins. */
function readHead(text: string, count: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length && parts.length < count; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === PIPE) {
      parts.push(unescaped(text.slice(start, i)).trim());
      start = i + 1;
    }
  }
  return parts.length === count ? { parts, end: start } : undefined;
}

const KEY = /^[A-Za-z0-9_.[\]-]{1,128}$/;

function readExtension(text: string): Map<string, string | undefined> {
  const fields = new Map<string, string | undefined>();
  let key = '';
  let valueStart = 0;
  let wordStart = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === SPACE) wordStart = i + 1;
    else if (code === EQUALS && i - wordStart <= 128 && KEY.test(text.slice(wordStart, i))) {
      if (key !== '') add(fields, key, unescaped(text.slice(valueStart, wordStart).trim()));
      key = text.slice(wordStart, i);
      valueStart = i + 1;
      // What follows in the same word belongs to the value, more signs of equality and all.
      wordStart = Number.POSITIVE_INFINITY;
    }
  }
  if (key !== '') add(fields, key, unescaped(text.slice(valueStart).trim()));
  return fields;
}

function add(fields: Map<string, string | undefined>, key: string, value: string): void {
  fields.set(key, fields.has(key) ? undefined : value);
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gs, (_, escaped: string) => ESCAPED[escaped] ?? escaped);
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
