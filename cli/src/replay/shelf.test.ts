import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Shelf } from './shelf.js';

describe('a shelf', () => {
  it('gives back every value, in order and by number', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 50 }), (given) => {
        // As JSON has it: there is no -0.
        const values = JSON.parse(JSON.stringify(given)) as unknown[];
        const shelf = new Shelf<unknown>();
        expect(values.map((value) => shelf.add(value))).toEqual([...values.keys()]);
        expect([...shelf.values()]).toEqual(values);
        expect(values.map((_, index) => shelf.get(index))).toEqual(values);
      }),
    );
  });

  it('has room for values of any length', () => {
    const values = [100_000, 300_000, 3, 262_142, 262_143, 262_139, 5, 600_000, 1].map((length) => 'ý'.repeat(length));
    const shelf = new Shelf<string>();
    for (const value of values) shelf.add(value);
    expect([...shelf.values()]).toEqual(values);
  });
});
