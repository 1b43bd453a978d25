/** What stands at a place of XML text. */
export type Token =
  | { kind: 'open'; name: string; attributes: string; isEmpty: boolean; end: number }
  | { kind: 'close'; name: string; end: number }
  /** Text that is not to be decoded. */
  | { kind: 'cdata'; text: string; end: number }
  /** A comment, a processing instruction. */
  | { kind: 'nothing'; end: number }
  | { kind: 'doctype'; end: number }
  /** No markup at all; `end` is where the next may begin. */
  | { kind: 'broken'; end: number };

/**
 * No `<` stands in a tag, not in quotes either: whoever wrote it would have written `&lt;`. A name is taken whole or not at
 * all: otherwise a long one without an end would be tried at every length.
 */
const TAG = /<(\/?)([^\s/<>"'=]+)(?![^\s/<>"'=])([^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*)>/y;
const ATTRIBUTE = /([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const SPECIAL: [begin: string, end: string][] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];
const LONGEST_BEGIN = 9;

/** The token at a `<`; undefined when more text is needed to tell. */
export function tokenAt(text: string, at: number): Token | undefined {
  const next = text[at + 1];
  if (next === '!' || next === '?') return specialAt(text, at);
  TAG.lastIndex = at;
  const match = TAG.exec(text);
  if (match === null) return brokenAt(text, at);
  const [whole, slash, name = '', rest = ''] = match;
  const end = at + whole.length;
  if (slash === '/') return { kind: 'close', name, end };
  const isEmpty = rest.endsWith('/');
  return { kind: 'open', name, attributes: isEmpty ? rest.slice(0, -1) : rest, isEmpty, end };
}

function specialAt(text: string, at: number): Token | undefined {
  for (const [begin, end] of SPECIAL) {
    if (!text.startsWith(begin, at)) continue;
    const stop = text.indexOf(end, at + begin.length);
    if (stop < 0) return undefined;
    const isCdata = begin.length === LONGEST_BEGIN;
    return isCdata
      ? { kind: 'cdata', text: text.slice(at + begin.length, stop), end: stop + end.length }
      : { kind: 'nothing', end: stop + end.length };
  }
  if (text.length - at < LONGEST_BEGIN) return undefined;
  const stop = text.indexOf('>', at);
  return stop < 0 ? undefined : { kind: 'doctype', end: stop + 1 };
}

function brokenAt(text: string, at: number): Token | undefined {
  const end = text.indexOf('<', at + 1);
  return end < 0 ? undefined : { kind: 'broken', end };
}

/** Names and values of a tag's attributes, values decoded. */
export function attributesOf(text: string): [name: string, value: string][] {
  return Array.from(text.matchAll(ATTRIBUTE), ([, name = '', double, single]) => [
    name,
    decoded(double ?? single ?? ''),
  ]);
}

const REFERENCE = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with its references replaced, once; what is none stays as it is. Control characters may be written as such. */
export function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (_, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] as string;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    return isCharacter ? String.fromCodePoint(code) : '\ufffd';
  });
}

/** A name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
