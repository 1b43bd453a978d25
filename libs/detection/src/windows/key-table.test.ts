import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChunkPool } from './chunk-pool.js';
import { KeyTable, NIL } from './key-table.js';

/** Few enough hash bits that some keys share one or both halves. */
const hash = fc.tuple(fc.nat(40), fc.nat(3)).map(([low, high]) => [(low * 0x9e3779b1) | 0, -high] as const);

describe('key table', () => {
  it('finds what a Map finds, under any order of insertions, growth and removals', () => {
    const step = fc.tuple(fc.constantFrom('insert', 'grow', 'remove'), hash);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new KeyTable(new ChunkPool(1e8));
        const model = new Map<string, { low: number; high: number; cls: number }>();
        for (const [act, [low, high]] of steps) {
          const name = `${low}/${high}`;
          const known = model.get(name);
          if (act === 'insert' && !known) {
            expect(table.reserve(0, low)).toBe(true);
            table.insert(low, high, 0);
            table.words[table.first + 3] = low ^ high;
            model.set(name, { low, high, cls: 0 });
          } else if (act === 'grow' && known && known.cls < 5) {
            table.reserve(known.cls + 1, low);
            table.resize(table.find(low, high), known.cls + 1);
            known.cls += 1;
          } else if (act === 'remove' && known) {
            table.remove(table.find(low, high));
            model.delete(name);
          }
          expect(table.size).toBe(model.size);
          expect(table.find(low, high) === NIL).toBe(!model.has(name));
        }
        for (const { low, high, cls } of model.values()) {
          const ref = table.find(low, high);
          table.open(ref);
          expect([ref >>> 28, table.words[table.first + 3]]).toEqual([cls, (low ^ high) >>> 0]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('grows to many pages, loses nothing, and gives its memory back', () => {
    const pool = new ChunkPool(1e9);
    const table = new KeyTable(pool);
    const empty = pool.chunks;
    const lowOf = (key: number) => Math.imul(key, 0x9e3779b1);
    const keys = 300_000;
    for (let key = 0; key < keys; key++) {
      table.reserve(0, lowOf(key));
      table.insert(lowOf(key), key, 0);
    }
    const missing = (from: number) => {
      let count = 0;
      for (let key = from; key < keys; key++) if (table.find(lowOf(key), key) === NIL) count += 1;
      return count;
    };
    expect(missing(0)).toBe(0);
    for (let key = 0; key < keys - 1000; key++) table.remove(table.find(lowOf(key), key));
    expect([table.size, missing(0), missing(keys - 1000)]).toEqual([1000, keys - 1000, 0]);
    expect(pool.chunks).toBeLessThanOrEqual(empty + 3);
  });
});
