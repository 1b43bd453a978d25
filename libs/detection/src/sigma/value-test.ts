import { isIPv4, isIPv6 } from 'node:net';
import { contains, type Network, parseNetwork } from '@fleetwall/core';
import { RE2JS } from 're2js';

/** One value of a rule, compiled: tells whether one element of a field is it. */
export interface ValueTest {
  /** Whether `test` wants the text folded. */
  folds: boolean;
  /** The folded text, for a plain comparison without regard to case. */
  equals?: string | undefined;
  test(value: string): boolean;
}

/**
 * Finds the pattern anywhere in the value, in linear time (RE2), case-sensitive without the flag `i`.
 * Throws what RE2 says of a pattern that it refuses.
 */
export function regexTest(pattern: string, flags: { i: boolean; m: boolean; s: boolean }): ValueTest {
  const bits = (flags.i ? RE2JS.CASE_INSENSITIVE : 0) | (flags.m ? RE2JS.MULTILINE : 0) | (flags.s ? RE2JS.DOTALL : 0);
  const regex = RE2JS.compile(pattern, bits);
  return { folds: false, test: (value) => regex.test(value) };
}

/** The address is inside the network; mapped IPv6 counts as the IPv4 it carries. Throws ADDRESS_INVALID. */
export function cidrTest(text: string): ValueTest {
  const network = parseNetwork(text);
  if (network.family === 6) return { folds: false, test: (value) => isIPv6(value) && inside(network, value) };
  const first = Number(network.first);
  const last = Number(network.last);
  return {
    folds: false,
    test: (value) => {
      if (!isIPv4(value)) return isIPv6(value) && inside(network, value);
      const address = ipv4Number(value);
      return address >= first && address <= last;
    },
  };
}

/** Numbers, and texts that are a decimal number. */
export function compareTest(operator: 'gt' | 'gte' | 'lt' | 'lte', bound: number): ValueTest {
  const compare = {
    gt: (n: number) => n > bound,
    gte: (n: number) => n >= bound,
    lt: (n: number) => n < bound,
    lte: (n: number) => n <= bound,
  }[operator];
  return { folds: false, test: (value) => /^-?\d+(\.\d+)?$/.test(value) && compare(Number(value)) };
}

function inside(network: Network, address: string): boolean {
  return !address.includes('%') && contains(network, parseNetwork(address));
}

/** Of a text that is four decimal numbers. */
function ipv4Number(text: string): number {
  let value = 0;
  let part = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      value = value * 256 + part;
      part = 0;
    } else {
      part = part * 10 + code - 48;
    }
  }
  return value * 256 + part;
}
