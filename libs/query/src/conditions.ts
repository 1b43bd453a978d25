import { canonicalAddress, networkText, parseNetwork, type Query } from '@fleetwall/core';
import { refusal } from './errors.js';
import { type TimeSpan, timeSpanOf } from './times.js';
import type { PhraseToken, RangeToken, WordToken } from './tokens.js';

/** Fields that hold a time; their values may be relative. */
const TIME_FIELDS: ReadonlySet<string> = new Set(['@timestamp', 'event.ingested']);
/** More of them make a search of every value of a field slow in any store. */
const MAX_WILDCARDS = 5;

/** What a value without a field means: its words stand in the line. */
export function textCondition(token: WordToken | PhraseToken): Query {
  if (token.type === 'word' && token.text === '*') return { type: 'all' };
  if (token.type === 'word' && token.hasWildcard) {
    const instead = 'Name the field: event.original:*word*, or user.name:adm*.';
    throw refusal(token.at, 'a wildcard needs a field', instead);
  }
  if (!/[\p{L}\p{N}]/u.test(token.text)) {
    throw refusal(
      token.at,
      `"${token.text}" has no word to look for`,
      'Search for words, or name a field: field:value.',
    );
  }
  return { type: 'text', value: token.text };
}

/** `field:value`. */
export function valueCondition(field: string, token: WordToken | PhraseToken, nowMs: number): Query {
  const { text, at } = token;
  if (token.type === 'word' && token.hasWildcard) return patternCondition(field, token);
  if (TIME_FIELDS.has(field)) {
    const { fromMs, toMs } = timeOf(text, at, nowMs);
    return { type: 'range', field, gte: fromMs, lte: toMs };
  }
  return field.endsWith('.ip') ? addressCondition(field, text, at) : { type: 'term', field, value: text };
}

/** An address in any of its written forms, or a network. */
function addressCondition(field: string, text: string, at: number): Query {
  if (!text.includes('/')) return { type: 'term', field, value: canonicalAddress(text) ?? text };
  try {
    return { type: 'cidr', field, network: networkText(parseNetwork(text)) };
  } catch {
    throw refusal(at, `"${text}" is no network`, 'Write it like 203.0.113.0/24 or 2001:db8::/32.');
  }
}

function patternCondition(field: string, { text, at, hasLiteral }: WordToken): Query {
  if (text === '*') return { type: 'exists', field };
  if (hasLiteral) {
    const instead = 'Use one or the other; a value with a literal * can be quoted: "a*b".';
    throw refusal(at, 'an escaped * or ? stands beside a wildcard', instead);
  }
  const stars = text.match(/\*+/g)?.length ?? 0;
  if (stars > MAX_WILDCARDS) throw refusal(at, `it has more than ${MAX_WILDCARDS} wildcards`, 'Look for fewer pieces.');
  const isPrefix = text.indexOf('*') === text.length - 1 && !text.includes('?');
  if (isPrefix) return { type: 'prefix', field, value: text.slice(0, -1) };
  return { type: 'wildcard', field, pattern: text.replace(/\*+/g, '*') };
}

/** `field:[a TO b]`; `*` leaves a side open. Whole numbers and times. */
export function rangeCondition(field: string, range: RangeToken, nowMs: number): Query {
  const from = boundOf(field, range.from, range.at, nowMs);
  const to = boundOf(field, range.to, range.at, nowMs);
  const gte = from && (range.includesFrom ? from.fromMs : from.toMs + 1);
  const lte = to && (range.includesTo ? to.toMs : to.fromMs - 1);
  if (gte === undefined && lte === undefined) return { type: 'exists', field };
  return { type: 'range', field, ...(gte !== undefined && { gte }), ...(lte !== undefined && { lte }) };
}

/** `field:>=value`. */
export function comparison(field: string, operator: string, value: string, at: number, nowMs: number): Query {
  const bound = boundOf(field, value, at, nowMs);
  if (bound === undefined)
    throw refusal(at, 'a number or a time is expected here', 'Write a number, or a time such as now-7d.');
  switch (operator) {
    case '>':
      return { type: 'range', field, gte: bound.toMs + 1 };
    case '>=':
      return { type: 'range', field, gte: bound.fromMs };
    case '<':
      return { type: 'range', field, lte: bound.fromMs - 1 };
    default:
      return { type: 'range', field, lte: bound.toMs };
  }
}

/** A number is a span of one; undefined for `*`. */
function boundOf(field: string, text: string, at: number, nowMs: number): TimeSpan | undefined {
  if (text === '*') return undefined;
  if (TIME_FIELDS.has(field)) return timeOf(text, at, nowMs);
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number))
    throw refusal(
      at,
      `"${text}" is no whole number`,
      `Only numbers and times have a range; for text use ${field}:abc*.`,
    );
  return { fromMs: number, toMs: number };
}

function timeOf(text: string, at: number, nowMs: number): TimeSpan {
  const span = timeSpanOf(text, nowMs);
  if (span !== undefined) return span;
  throw refusal(at, `"${text}" is no time`, 'Write now-7d, 2026-11-22, or 2026-11-22T07:00:00Z.');
}
