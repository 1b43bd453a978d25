import type { estypes } from '@elastic/elasticsearch';
import { canonicalAddress, type Network, networkText, parseNetwork, type Query, type TimeRange } from '@fleetwall/core';
import { addressHex } from '../address-hex.js';
import { elasticsearchError } from '../errors.js';
import { FIELDS, type FieldType, SEARCH } from './fields.js';
import { numberTerm, termOf, termPrefix, wordsOf } from './search-terms.js';

type Condition = estypes.QueryDslQueryContainer;

const MAX_NODES = 1_024;
/** The server refuses queries nested deeper than 30, and a condition takes up to three levels of its own. */
const MAX_DEPTH = 24;
const MAX_PATTERN_LENGTH = 1_000;
const MAX_TIME_MS = 8.64e15;
const MAPPED_FIRST = 0xffffn << 32n;

const ALL: Condition = { match_all: {} };
const NONE: Condition = { match_none: {} };

/**
 * Compiles a query tree to the query DSL, with the meaning that every store gives it. Fails with
 * ELASTICSEARCH_QUERY_REFUSED for trees of more than 1,024 nodes or 24 levels and patterns longer than 1,000 characters,
 * and with ADDRESS_INVALID.
 */
export function compileQuery(query: Query): Condition {
  return new Compiler().node(query, 0);
}

/** The query within the range; nothing of it is scored. */
export function inRange(query: Query, range: TimeRange): Condition {
  const time = { gte: wholeMs(range.fromMs), lt: wholeMs(range.toMs), format: 'epoch_millis' };
  return { bool: { filter: [{ range: { '@timestamp': time } }, compileQuery(query)] } };
}

/** Ranges may be open (Infinity) or fractional; a bound between two milliseconds is the later one for either end. */
function wholeMs(timeMs: number): number {
  if (Number.isNaN(timeMs)) throw refused('a time of the range is no number');
  return Math.ceil(Math.max(0, Math.min(timeMs, MAX_TIME_MS)));
}

class Compiler {
  #nodes = 0;

  node(query: Query, depth: number): Condition {
    if (++this.#nodes > MAX_NODES) throw refused(`it has more than ${MAX_NODES} conditions`);
    if (depth > MAX_DEPTH) throw refused(`it is nested deeper than ${MAX_DEPTH} levels`);
    switch (query.type) {
      case 'all':
        return ALL;
      case 'and':
        return allOf(query.of.map((part) => this.node(part, depth + 1)));
      case 'or':
        return anyOf(query.of.map((part) => this.node(part, depth + 1)));
      case 'not':
        return { bool: { must_not: [this.node(query.of, depth + 1)] } };
      case 'term':
        return term(query.field, query.value);
      case 'exists':
        return FIELDS.has(query.field)
          ? { exists: { field: textName(query.field) } }
          : hasPrefix(SEARCH.values, query.field);
      case 'range':
        return range(query.field, query.gte ?? -Infinity, query.lte ?? Infinity);
      case 'prefix':
        return onText(query.field, (field, before) => ({
          prefix: { [field]: { value: before + bounded(query.value), case_insensitive: true } },
        }));
      case 'wildcard':
        // Not only cheaper: the server's own answer to an empty pattern depends on its version.
        if (!/[*?]/.test(query.pattern)) {
          return onText(query.field, (field, before) => equals(field, before + bounded(query.pattern)));
        }
        return onText(query.field, (field, before) => ({
          wildcard: { [field]: { value: literal(before) + escapedPattern(query.pattern), case_insensitive: true } },
        }));
      case 'cidr':
        return cidr(query.field, parseNetwork(query.network));
      case 'text': {
        const words = wordsOf(bounded(query.value));
        return words.length === 0 ? NONE : allOf(words.map((word) => ({ term: { [SEARCH.words]: word } })));
      }
    }
  }
}

function allOf(parts: Condition[]): Condition {
  return parts.length === 0 ? ALL : { bool: { filter: parts } };
}

function anyOf(parts: Condition[]): Condition {
  return parts.length === 0 ? NONE : { bool: { should: parts, minimum_should_match: 1 } };
}

/** Where the values of a mapped field are texts. */
export function textName(field: string): string {
  return FIELDS.get(field) === 'ip' ? `${field}.text` : field;
}

function term(field: string, value: string | number | boolean): Condition {
  const text = bounded(String(value));
  const type = FIELDS.get(field);
  switch (type) {
    case undefined:
      return equals(SEARCH.values, termOf(field, text));
    case 'keyword':
      return equals(field, text);
    case 'ip': {
      const canonical = canonicalAddress(text);
      return canonical === text ? { term: { [field]: text } } : equals(textName(field), text);
    }
    case 'boolean': {
      const flag = text.toLowerCase();
      return flag === 'true' || flag === 'false' ? { term: { [field]: flag === 'true' } } : NONE;
    }
    default: {
      const number = Number(text);
      if (!Number.isSafeInteger(number) || String(number) !== text) return NONE;
      return range(field, number, number);
    }
  }
}

/** ASCII letters without regard to case. */
function equals(field: string, value: string): Condition {
  return { term: { [field]: /[A-Za-z]/.test(value) ? { value, case_insensitive: true } : { value } } };
}

function hasPrefix(index: string, field: string): Condition {
  return { prefix: { [index]: { value: termPrefix(field) } } };
}

function range(field: string, gte: number, lte: number): Condition {
  const type = FIELDS.get(field);
  if (Number.isNaN(gte) || Number.isNaN(lte) || gte > lte) return NONE;
  if (type === undefined) {
    return { range: { [SEARCH.numbers]: { gte: numberTerm(field, gte), lte: numberTerm(field, lte) } } };
  }
  if (type !== 'long' && type !== 'date') return NONE;
  const limit = type === 'date' ? MAX_TIME_MS : Number.MAX_SAFE_INTEGER;
  const bounds = { gte: Math.max(-limit, Math.ceil(gte)), lte: Math.min(limit, Math.floor(lte)) };
  if (bounds.gte > limit || bounds.lte < -limit) return NONE;
  return { range: { [field]: type === 'date' ? { ...bounds, format: 'epoch_millis' } : bounds } };
}

/** A condition on the texts of a field; of the fields without a mapping, those with another type are left out. */
function onText(field: string, condition: (index: string, before: string) => Condition): Condition {
  const type: FieldType | undefined = FIELDS.get(field);
  if (type === 'keyword' || type === 'ip') return condition(textName(field), '');
  if (type) return NONE;
  return {
    bool: {
      filter: [condition(SEARCH.values, termPrefix(field))],
      must_not: [hasPrefix(SEARCH.numbers, field)],
    },
  };
}

function cidr(field: string, network: Network): Condition {
  const { family, first, last } = network;
  if (!field.endsWith('.ip')) return NONE;
  if (FIELDS.get(field) === 'ip') {
    if (family === 4) return { term: { [field]: networkText(network) } };
    // The server keeps IPv4 inside the mapped range, which no IPv6 network may match.
    return withoutMapped(first, last, (from, to) => ({
      range: { [field]: { gte: ipv6Text(from), lte: ipv6Text(to) } },
    }));
  }
  const between = (from: string, to: string): Condition => ({
    range: { [SEARCH.addresses]: { gte: termPrefix(field) + from, lte: termPrefix(field) + to } },
  });
  if (family === 4) return between(addressHex(4, first), addressHex(4, last));
  return withoutMapped(first, last, (from, to) => between(addressHex(6, from), addressHex(6, to)));
}

function withoutMapped(first: bigint, last: bigint, between: (from: bigint, to: bigint) => Condition): Condition {
  const mappedLast = MAPPED_FIRST + 0xffffffffn;
  if (first > MAPPED_FIRST || last < mappedLast) return between(first, last);
  return anyOf([between(first, MAPPED_FIRST - 1n), between(mappedLast + 1n, last)]);
}

function ipv6Text(address: bigint): string {
  return networkText({ family: 6, first: address, last: address, prefix: 128 });
}

/** `*` and `?` keep their meaning, a backslash has none. */
function escapedPattern(pattern: string): string {
  return bounded(pattern).replace(/\\/g, '\\\\');
}

function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}

function bounded(text: string): string {
  if (text.length > MAX_PATTERN_LENGTH) throw refused(`a text is longer than ${MAX_PATTERN_LENGTH} characters`);
  return text;
}

export function refused(reason: string): Error {
  return elasticsearchError('ELASTICSEARCH_QUERY_REFUSED', { reason });
}
