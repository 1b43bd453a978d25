import {
  canonicalAddress,
  contains,
  type FieldValue,
  type FleetEvent,
  parseNetwork,
  type Query,
} from '@fleetwall/core';

/**
 * The meaning of every query node, in plain code; every store answers the same.
 *
 * - The values of a field: none when it is absent, the elements of a list, else the one value.
 * - `term` compares values as text (`22` finds the number and the text), ASCII letters without regard to case.
 * - `prefix` and `wildcard` look at text only (also in lists), ASCII letters without regard to case; `?` is one
 *   code point.
 * - `range` looks at numbers only.
 * - `cidr` looks at fields whose name ends in `.ip`; a value that is no address is outside every network, and IPv4 is
 *   outside every IPv6 network.
 * - `text`: every word of the value is a whole word of `event.original`; a word is a run of letters and digits
 *   (Unicode), compared by simple lower case. A value without words matches nothing.
 * - An `and` of nothing matches everything, an `or` of nothing matches nothing.
 */
export function matchesQuery(event: FleetEvent, query: Query): boolean {
  switch (query.type) {
    case 'all':
      return true;
    case 'and':
      return query.of.every((part) => matchesQuery(event, part));
    case 'or':
      return query.of.some((part) => matchesQuery(event, part));
    case 'not':
      return !matchesQuery(event, query.of);
    case 'exists':
      return valuesOf(event, query.field).length > 0;
    case 'term': {
      const wanted = asciiLower(String(query.value));
      return valuesOf(event, query.field).some((value) => asciiLower(String(value)) === wanted);
    }
    case 'range': {
      const { gte = Number.NEGATIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = query;
      return valuesOf(event, query.field).some((value) => typeof value === 'number' && value >= gte && value <= lte);
    }
    case 'prefix': {
      const wanted = asciiLower(query.value);
      return textsOf(event, query.field).some((text) => asciiLower(text).startsWith(wanted));
    }
    case 'wildcard':
      return textsOf(event, query.field).some((text) => matchesWildcard(asciiLower(text), asciiLower(query.pattern)));
    case 'cidr': {
      const network = parseNetwork(query.network);
      if (!query.field.endsWith('.ip')) return false;
      return textsOf(event, query.field).some((text) => {
        const address = canonicalAddress(text);
        return address !== undefined && contains(network, parseNetwork(address));
      });
    }
    case 'text': {
      const present = new Set(wordsOf(textsOf(event, 'event.original').join(' ')));
      const wanted = wordsOf(query.value);
      return wanted.length > 0 && wanted.every((word) => present.has(word));
    }
  }
}

/** The values of a field as text, each once: what `top` counts. */
export function distinctTexts(event: FleetEvent, field: string): string[] {
  return [...new Set(valuesOf(event, field).map(String))];
}

function valuesOf(event: FleetEvent, field: string): (string | number | boolean)[] {
  const value: FieldValue = Object.hasOwn(event, field) ? event[field] : undefined;
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function textsOf(event: FleetEvent, field: string): string[] {
  return valuesOf(event, field).filter((value) => typeof value === 'string');
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** One pass with one step back to the last `*`: never more than pattern times text. */
function matchesWildcard(text: string, pattern: string): boolean {
  const have = [...text];
  const want = [...pattern];
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (at < have.length) {
    if (want[next] === '*') {
      star = next++;
      retry = at;
    } else if (next < want.length && (want[next] === '?' || want[next] === have[at])) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  while (want[next] === '*') next++;
  return next === want.length;
}

function wordsOf(text: string): string[] {
  // By code point, since lower-casing a whole text depends on neighbours (Greek sigma); İ is the one letter whose
  // lower case is two code points, its simple one is i.
  const lower = [...text].map((letter) => (letter === 'İ' ? 'i' : letter.toLowerCase())).join('');
  return lower.match(/[\p{L}\p{N}]+/gu) ?? [];
}
