import { canonicalTarget, contains, parseNetwork } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Targets } from './targets.js';

const byte = fc.integer({ min: 0, max: 3 });
const target = fc
  .oneof(
    fc.tuple(byte, fc.constantFrom('', '/31', '/30', '/24', '/8')).map(([n, length]) => `198.51.100.${n}${length}`),
    fc.tuple(byte, fc.constantFrom('', '/127', '/64', '/48')).map(([n, length]) => `2001:db8::${n}${length}`),
  )
  .map(canonicalTarget);

describe('targets around an address', () => {
  it('are found as by looking at each of them, after any additions and removals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(target, fc.boolean()), { maxLength: 30 }), target, (changes, asked) => {
        const targets = new Targets();
        const known = new Set<string>();
        for (const [one, isAdded] of changes) {
          if (isAdded) targets.add(one, `fleet ${one}`);
          else targets.delete(one, `fleet ${one}`);
          if (isAdded) known.add(one);
          else known.delete(one);
        }
        const expected = [...known].filter((one) => contains(parseNetwork(one), parseNetwork(asked)));
        expect([...targets.around(asked)].sort()).toEqual(expected.map((one) => `fleet ${one}`).sort());
      }),
    );
  });

  it('come the narrowest first, and each scope of a target by itself', () => {
    const targets = new Targets();
    targets.add('198.51.100.0/24', 'a');
    targets.add('198.51.100.7', 'b');
    targets.add('198.51.100.7', 'c');
    expect([...targets.around('198.51.100.7')]).toEqual(['b', 'c', 'a']);
    targets.delete('198.51.100.7', 'b');
    targets.delete('198.51.100.7', 'never');
    expect([...targets.around('198.51.100.7')]).toEqual(['c', 'a']);
    expect([...targets.around('203.0.113.1')]).toEqual([]);
  });
});
