import { type DuckDBValue } from '@duckdb/node-api';
import { parseNetwork, type Query } from '@fleetwall/core';
import { columnOf, type FieldColumn } from './columns.js';
import { eventStoreError } from './errors.js';
import { addressHex } from './event-row.js';
import { equalsText, hasWords, matchesWildcard, startsWithText, type TextCondition } from './text-match.js';

const MAX_NODES = 1_024;
const MAX_DEPTH = 64;
/** RE2 gives up on patterns that need megabytes. */
const MAX_PATTERN_LENGTH = 1_000;
const MAPPED_FIRST = 0xffffn << 32n;
const MAPPED_LAST = MAPPED_FIRST + 0xffffffffn;
const LOW_64 = (1n << 64n) - 1n;

/** A condition for WHERE; its parameters are `$1` to `$n`. Field names and values are in the parameters only. */
export interface CompiledQuery {
  sql: string;
  parameters: DuckDBValue[];
}

/**
 * Compiles a query tree. SQL knows a third truth value; within `and` and `or` an unknown condition counts as false by
 * itself, and `not` turns it into a definite answer by IS NOT TRUE. Fails with EVENT_STORE_QUERY_REFUSED for trees of
 * more than 1,024 nodes or 64 levels and patterns longer than 1,000 characters, and with ADDRESS_INVALID.
 */
export function compileQuery(query: Query): CompiledQuery {
  return new Compiler().compile(query);
}

class Compiler {
  readonly #parameters: DuckDBValue[] = [];
  #nodes = 0;

  compile(query: Query): CompiledQuery {
    return { sql: this.#node(query, 0), parameters: this.#parameters };
  }

  #node(query: Query, depth: number): string {
    if (++this.#nodes > MAX_NODES) throw refused(`it has more than ${MAX_NODES} conditions`);
    if (depth > MAX_DEPTH) throw refused(`it is nested deeper than ${MAX_DEPTH} levels`);
    switch (query.type) {
      case 'all':
        return 'TRUE';
      case 'and':
      case 'or': {
        if (query.of.length === 0) return query.type === 'and' ? 'TRUE' : 'FALSE';
        const parts = query.of.map((part) => this.#node(part, depth + 1));
        return `(${parts.join(query.type === 'and' ? ' AND ' : ' OR ')})`;
      }
      case 'not':
        return `((${this.#node(query.of, depth + 1)}) IS NOT TRUE)`;
      case 'term':
        return this.#term(query.field, String(query.value));
      case 'exists':
        return this.#exists(query.field);
      case 'range':
        return this.#range(query.field, query.gte ?? -Infinity, query.lte ?? Infinity);
      case 'prefix':
        return this.#onText(query.field, startsWithText(bounded(query.value), this.#text));
      case 'wildcard':
        return this.#onText(query.field, matchesWildcard(bounded(query.pattern), this.#text));
      case 'cidr':
        return this.#cidr(query.field, query.network);
      case 'text':
        return hasWords(bounded(query.value), this.#text)?.('event_original') ?? 'FALSE';
    }
  }

  readonly #text = (value: string) => `$${this.#parameters.push(value)}::VARCHAR`;
  readonly #bigint = (value: bigint, type: 'BIGINT' | 'UBIGINT') => `$${this.#parameters.push(value)}::${type}`;

  /** The JSON pointer (RFC 6901) of a field. */
  #pointer(field: string): string {
    return this.#text(`/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }

  #term(field: string, value: string): string {
    const column = columnOf(field);
    if (column?.kind === 'integer') {
      const number = Number(value);
      if (!Number.isSafeInteger(number) || String(number) !== value) return 'FALSE';
      return `${column.name} = ${this.#bigint(BigInt(number), 'BIGINT')}`;
    }
    const equals = equalsText(value, this.#text);
    if (column) return this.#onText(field, equals);
    const pointer = this.#pointer(field);
    const scalars = (['texts', 'numbers', 'flags'] as const).map((name) => equals(extracted(name, pointer)));
    return `(${scalars.join(' OR ')} OR ${anyElement(listOf('lists', pointer), equals)})`;
  }

  #exists(field: string): string {
    const column = columnOf(field);
    if (column) return column.kind === 'list' ? `len(${column.name}) > 0` : `${column.name} IS NOT NULL`;
    const pointer = this.#pointer(field);
    const scalars = ['texts', 'numbers', 'flags'].map((name) => `json_exists(${name}, ${pointer})`);
    return `(${scalars.join(' OR ')} OR json_array_length(lists, ${pointer}) > 0)`;
  }

  #range(field: string, gte: number, lte: number): string {
    const column = columnOf(field);
    if (Number.isNaN(gte) || Number.isNaN(lte) || (column && column.kind !== 'integer')) return 'FALSE';
    if (!column) {
      const number = `CAST(${extracted('numbers', this.#pointer(field))} AS DOUBLE)`;
      const from = `$${this.#parameters.push(gte)}::DOUBLE`;
      const to = `$${this.#parameters.push(lte)}::DOUBLE`;
      return `${number} BETWEEN ${from} AND ${to}`;
    }
    const from = this.#bigint(safeInteger(Math.ceil(gte)), 'BIGINT');
    const to = this.#bigint(safeInteger(Math.floor(lte)), 'BIGINT');
    return `${column.name} BETWEEN ${from} AND ${to}`;
  }

  /** The condition on the text of a field, or on any element of its list. */
  #onText(field: string, condition: TextCondition): string {
    const column = columnOf(field);
    if (column?.kind === 'text') return condition(column.name);
    if (column?.kind === 'list') return anyElement(column.name, condition);
    if (column) return 'FALSE';
    const pointer = this.#pointer(field);
    return `(${condition(extracted('texts', pointer))} OR ${anyElement(listOf('lists', pointer), condition)})`;
  }

  #cidr(field: string, networkText: string): string {
    const { family, first, last } = parseNetwork(networkText);
    if (!field.endsWith('.ip')) return 'FALSE';
    // IPv4 lies inside the mapped range, which no IPv6 network may match.
    const ranges: [bigint, bigint][] =
      family === 4
        ? [[first | MAPPED_FIRST, last | MAPPED_FIRST]]
        : first <= MAPPED_FIRST && last >= MAPPED_LAST
          ? [
              [first, MAPPED_FIRST - 1n],
              [MAPPED_LAST + 1n, last],
            ]
          : [[first, last]];
    const column = columnOf(field);
    const parts = ranges.map(([from, to]) =>
      column ? this.#between(column, from, to) : this.#inList(field, from, to),
    );
    return `(${parts.join(' OR ')})`;
  }

  #between(column: FieldColumn, first: bigint, last: bigint): string {
    const [hi, lo] = [`${column.name}_hi`, `${column.name}_lo`];
    const unsigned = (value: bigint) => this.#bigint(value, 'UBIGINT');
    if (first >> 64n === last >> 64n) {
      const half = unsigned(first >> 64n);
      return `(${hi} = ${half} AND ${lo} BETWEEN ${unsigned(first & LOW_64)} AND ${unsigned(last & LOW_64)})`;
    }
    const from = `(${hi} > ${unsigned(first >> 64n)} OR (${hi} = ${unsigned(first >> 64n)} AND ${lo} >= ${unsigned(first & LOW_64)}))`;
    return `(${hi} <= ${unsigned(last >> 64n)} AND ${from})`;
  }

  #inList(field: string, first: bigint, last: bigint): string {
    const [from, to] = [this.#text(addressHex(first)), this.#text(addressHex(last))];
    return anyElement(listOf('addresses', this.#pointer(field)), (hex) => `${hex} BETWEEN ${from} AND ${to}`);
  }
}

function extracted(column: string, pointer: string): string {
  return `json_extract_string(${column}, ${pointer})`;
}

function listOf(column: string, pointer: string): string {
  return `CAST(json_extract(${column}, ${pointer}) AS VARCHAR[])`;
}

function anyElement(list: string, condition: TextCondition): string {
  return `len(list_filter(${list}, lambda x: ${condition('x')})) > 0`;
}

function safeInteger(value: number): bigint {
  return BigInt(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value)));
}

function bounded(pattern: string): string {
  if (pattern.length > MAX_PATTERN_LENGTH) throw refused(`a pattern is longer than ${MAX_PATTERN_LENGTH} characters`);
  return pattern;
}

function refused(reason: string): Error {
  return eventStoreError('EVENT_STORE_QUERY_REFUSED', { reason });
}
