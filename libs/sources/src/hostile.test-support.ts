import fc from 'fast-check';
import { LineParser } from './line-parser.js';

/** What a peer may write to be taken for the program: the fragments in any order, and noise between them. */
export function hostileText(fragments: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fragments) }, fc.string({ maxLength: 4 })), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
}

/** A parser of a stream of which nothing was read yet. */
export function newParser(): LineParser {
  return new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
}
