import type { Network, Origin, OriginSource } from '@fleetwall/core';
import { nameOf } from './layouts.js';
import { Ranges } from './ranges.js';
import type { OriginTable } from './table.js';

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const [ZERO, NINE] = [0x30, 0x39];
const LOW_64 = (1n << 64n) - 1n;

/** Where the fields of a line begin and end in the bytes. */
type Line = { csv: Buffer; start: number; commas: [number, number, number]; end: number };

/**
 * Ranges of addresses and the autonomous system of each, read from CSV and kept as columns of numbers:
 *
 *     line   = first "," last "," system "," name LF
 *     first, last = the address as a decimal number, inclusive
 *     name   = text; in quotes, and its own quotes doubled, where it holds a comma or a quote
 *
 * Lines are in the order of their addresses. One that is not, that cannot be read, or that splits an IPv6 network of 64 bits
 * is left out and counted.
 */
export class AsTable implements OriginTable {
  readonly sources: readonly OriginSource[];
  /** Lines that were left out. */
  leftOut = 0;
  readonly #ipv4: Ranges;
  readonly #ipv6: Ranges;
  readonly #names = new Map<number, string>();

  constructor(ipv4Csv: Buffer, ipv6Csv: Buffer, sources: readonly OriginSource[] = []) {
    this.sources = sources;
    const [ipv4Lines, ipv6Lines] = [linesIn(ipv4Csv), linesIn(ipv6Csv)];
    this.#ipv4 = new Ranges(new Uint32Array(ipv4Lines), new Uint32Array(ipv4Lines));
    this.#ipv6 = new Ranges(new BigUint64Array(ipv6Lines), new BigUint64Array(ipv6Lines));
    this.#read(ipv4Csv, (line, system) => {
      const [first, last] = [
        decimal(line.csv, line.start, line.commas[0]),
        decimal(line.csv, line.commas[0] + 1, line.commas[1]),
      ];
      return last <= 0xffff_ffff && this.#ipv4.add(first, last, system);
    });
    this.#read(ipv6Csv, (line, system) => {
      const [first, last] = [
        wide(line.csv, line.start, line.commas[0]),
        wide(line.csv, line.commas[0] + 1, line.commas[1]),
      ];
      const isWhole =
        first !== undefined && last !== undefined && (first & LOW_64) === 0n && (last & LOW_64) === LOW_64;
      return isWhole && this.#ipv6.add(first >> 64n, last >> 64n, system);
    });
  }

  /** How many ranges it holds. */
  get ranges(): number {
    return this.#ipv4.count + this.#ipv6.count;
  }

  find({ family, first, last }: Network): Origin | undefined {
    const asNumber =
      family === 4 ? this.#ipv4.systemOf(Number(first), Number(last)) : this.#ipv6.systemOf(first >> 64n, last >> 64n);
    if (asNumber === undefined) return undefined;
    const asName = this.#names.get(asNumber);
    return { asNumber, ...(asName === undefined ? {} : { asName }) };
  }

  #read(csv: Buffer, add: (line: Line, system: number) => boolean): void {
    for (let start = 0; start < csv.length; ) {
      const lineFeed = csv.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? csv.length : lineFeed;
      const line = { csv, start, commas: commasIn(csv, start, end), end };
      const system = decimal(csv, line.commas[1] + 1, line.commas[2]);
      if (system >= 1 && system <= 0xffff_ffff && add(line, system)) this.#keepName(line, system);
      else this.leftOut++;
      start = end + 1;
    }
  }

  #keepName({ csv, commas, end }: Line, system: number): void {
    if (this.#names.has(system)) return;
    const text = csv.toString('utf8', commas[2] + 1, end).trimEnd();
    const name = nameOf([/^".*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text]);
    if (name !== undefined) this.#names.set(system, name);
  }
}

function linesIn(csv: Buffer): number {
  let lines = 1;
  for (let at = csv.indexOf(LINE_FEED); at >= 0; at = csv.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** The first three; the end of the line for those that are not there. */
function commasIn(csv: Buffer, start: number, end: number): [number, number, number] {
  const commas: [number, number, number] = [end, end, end];
  for (let at = start, found = 0; at < end && found < 3; at++) if (csv[at] === COMMA) commas[found++] = at;
  return commas;
}

/** A number of at most 15 digits; NaN for what is none. */
function decimal(bytes: Buffer, start: number, end: number): number {
  if (end <= start || end - start > 15) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] as number;
    if (digit < ZERO || digit > NINE) return Number.NaN;
    value = value * 10 + digit - ZERO;
  }
  return value;
}

/** A number of at most 39 digits, as addresses of 128 bits have. */
function wide(bytes: Buffer, start: number, end: number): bigint | undefined {
  const text = bytes.toString('latin1', start, end);
  return /^\d{1,39}$/.test(text) ? BigInt(text) : undefined;
}
