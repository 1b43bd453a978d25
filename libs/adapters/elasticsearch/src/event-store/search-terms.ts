import { toUSVString } from 'node:util';
import { canonicalAddress, type FieldValue, parseNetwork } from '@fleetwall/core';
import { addressHex } from '../address-hex.js';
import { MAX_TERM_LENGTH } from './fields.js';

/**
 * Terms for fields without a mapping: `name=value`, so that any name and any type of value is searchable in one field of
 * the index, and no hostile event can make the mapping grow or conflict.
 *
 * Terms are compared without regard to ASCII case, and names are not: a capital in a name is written `^` and its small
 * letter, `=` as `^-`, `^` as `^^`. So the first `=` ends the name.
 */
export function termPrefix(field: string): string {
  const name = toUSVString(field).replace(/[A-Z^=]/g, (c) =>
    c === '^' ? '^^' : c === '=' ? '^-' : `^${c.toLowerCase()}`,
  );
  return `${name}=`;
}

/** The term of one value; what is too long for the index is cut. */
export function termOf(field: string, value: string | number | boolean): string {
  return toUSVString((termPrefix(field) + value).slice(0, MAX_TERM_LENGTH));
}

/** A term for a number whose order is the order of the numbers: 16 hexadecimal digits of the IEEE 754 double. */
export function numberTerm(field: string, value: number): string {
  return termPrefix(field) + orderedHex(value);
}

/** Marks a value that is neither text nor number; sorts after every number. */
export function flagTerm(field: string): string {
  return `${termPrefix(field)}z`;
}

/** A term for an address; undefined when the text is none. */
export function addressTerm(field: string, text: string): string | undefined {
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return undefined;
  const { family, first } = parseNetwork(canonical);
  return termPrefix(field) + addressHex(family, first);
}

function orderedHex(value: number): string {
  const bytes = Buffer.alloc(8);
  // -0 equals 0.
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  const bits = bytes.readBigUInt64BE();
  const ordered = bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return ordered.toString(16).padStart(16, '0');
}

export interface SearchTerms {
  values: string[];
  numbers: string[];
  addresses: string[];
}

/** Adds the terms of one field without a mapping. */
export function addTerms(terms: SearchTerms, field: string, value: Exclude<FieldValue, undefined>): void {
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) {
    terms.values.push(termOf(field, one));
    if (typeof one === 'number') terms.numbers.push(numberTerm(field, one));
    else if (typeof one === 'boolean') terms.numbers.push(flagTerm(field));
    else if (field.endsWith('.ip')) {
      const address = addressTerm(field, one);
      if (address) terms.addresses.push(address);
    }
  }
}

/**
 * The words of a text, each once: runs of letters and digits, by simple lower case (one code point to one code point:
 * İ becomes i, and sigma does not look at its neighbours).
 */
export function wordsOf(text: string): string[] {
  if (/^[\x00-\x7f]*$/.test(text)) return [...new Set(text.toLowerCase().match(/[a-z0-9]+/g) ?? [])];
  const lower = [...text].map((letter) => (letter === 'İ' ? 'i' : letter.toLowerCase())).join('');
  return [...new Set(lower.match(/[\p{L}\p{N}]+/gu) ?? [])];
}
