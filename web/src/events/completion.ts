import { valueText } from './query-text.js';

/** What is being written at the caret of a query: the name of a field, or a value of one. */
export interface Writing {
  kind: 'field' | 'value';
  /** Of a value. */
  field: string;
  /** As far as it is written, without quotes and backslashes. */
  written: string;
  /** Where in the text it stands. */
  from: number;
  to: number;
  /** The query without it, where that says what the values are to be among; empty beside an OR. */
  rest: string;
}

const FIELD = /^([\p{L}_@][\p{L}\p{N}_.@-]*):/u;
const NO_NAME = /^(AND|OR|NOT)$/;

/** Undefined where nothing can be offered: patterns, comparisons, ranges, operators. Linear in the text. */
export function writingAt(text: string, caret: number): Writing | undefined {
  const { start, group } = fragmentAt(text, caret);
  const sign = group === undefined && /^[-!]/.test(text.slice(start, caret)) ? 1 : 0;
  const begin = start + sign;
  const own = group === undefined ? FIELD.exec(text.slice(begin, caret))?.[1] : undefined;
  const field = group ?? own;
  const from = own === undefined ? begin : begin + own.length + 1;
  const raw = text.slice(from, caret);
  const to = endOf(text, from, caret);
  if (field === undefined) {
    if (raw === '' || !/^[\p{L}_@][\p{L}\p{N}_.@-]*$/u.test(raw) || NO_NAME.test(raw)) return undefined;
    return { kind: 'field', field: '', written: raw, from, to, rest: '' };
  }
  const isQuoted = raw.startsWith('"');
  if (!isQuoted && (/^[<>[{(]/.test(raw) || /(^|[^\\])[*?]/.test(raw) || NO_NAME.test(raw))) return undefined;
  const written = (isQuoted ? raw.slice(1) : raw).replace(/\\(.)/gs, '$1');
  const rest = group === undefined ? without(text, start, to) : '';
  return { kind: 'value', field, written, from, to, rest };
}

/** The text with what is chosen in its place, and where the caret goes. */
export function completed(text: string, { kind, from, to }: Writing, chosen: string): { text: string; caret: number } {
  const written = kind === 'field' ? `${chosen}:` : valueText(chosen);
  const isEnd = kind === 'value' && to === text.length;
  const put = `${written}${isEnd ? ' ' : ''}`;
  return { text: text.slice(0, from) + put + text.slice(to), caret: from + put.length };
}

/** Where the piece under the caret begins, and the field of the parentheses around it: `user.name:(root OR ad`. */
function fragmentAt(text: string, caret: number): { start: number; group: string | undefined } {
  const groups: (string | undefined)[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < caret; at++) {
    const char = text[at] as string;
    if (char === '\\') at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === '(') {
      groups.push(FIELD.exec(text.slice(start, at).replace(/^[-!]/, ''))?.[1]);
      start = at + 1;
    } else if (char === ')') {
      groups.pop();
      start = at + 1;
    } else if (/\s/.test(char)) start = at + 1;
  }
  return { start, group: groups.at(-1) };
}

/** Behind the caret: the end of the word, or of the quotes that it is in. */
function endOf(text: string, from: number, caret: number): number {
  const isQuoted = text[from] === '"';
  for (let at = Math.max(caret, from); at < text.length; at++) {
    const char = text[at] as string;
    if (isQuoted ? char === '"' : /[\s()]/.test(char)) return isQuoted ? at + 1 : at;
    if (char === '\\') at++;
  }
  return text.length;
}

function without(text: string, from: number, to: number): string {
  const rest = [text.slice(0, from), text.slice(to)].map((part) => part.trim());
  if (rest.some((part) => /(^|[\s)])(OR|\|\|)([\s(]|$)/.test(part))) return '';
  const [before = '', after = ''] = rest;
  const left = before.replace(/(?:(?:^|\s)(?:AND|NOT|&&|!))+$/, '').trim();
  const right = after.replace(/^(?:AND|&&)(?=\s|$)/, '').trim();
  return [left, right].filter((part) => part !== '').join(' AND ');
}
