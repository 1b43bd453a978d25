import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from './fold.js';
import { patternTest, readPattern } from './pattern.js';

function matches(pattern: string, value: string, cased = false): boolean {
  const { folds, test } = patternTest(readPattern(pattern), cased);
  return test(folds ? fold(value) : value);
}

describe('readPattern', () => {
  // The table of "Escape Character" in the Sigma specification 2.1.0.
  it.each([
    [String.raw`C:\Windows`, [{ literal: String.raw`C:\Windows` }]],
    [String.raw`C:\\Windows`, [{ literal: String.raw`C:\Windows` }]],
    [String.raw`a\*`, [{ literal: 'a*' }]],
    [String.raw`a\?`, [{ literal: 'a?' }]],
    [String.raw`a\\*`, [{ literal: 'a\\' }, 'run']],
    [String.raw`a\\?`, [{ literal: 'a\\' }, 'one']],
    [String.raw`a\\\*`, [{ literal: 'a\\*' }]],
    [String.raw`a\\\b`, [{ literal: String.raw`a\\b` }]],
    [String.raw`a\\\\b`, [{ literal: String.raw`a\\b` }]],
    ['a\\', [{ literal: 'a\\' }]],
    ['**a?', ['run', { literal: 'a' }, 'one']],
    ['', []],
  ])('%s', (text, pieces) => {
    expect(readPattern(text)).toEqual(pieces);
  });
});

describe('patternTest', () => {
  it.each([
    ['prog?.exe', 'progA.exe', true],
    ['prog?.exe', 'prog.exe', false],
    ['prog?.exe', 'prog😀.exe', true],
    ['*?', '😀', true],
    ['??', '😀', false],
    ['antivirus_V*.exe', 'Antivirus_v21.2.1.EXE', true],
    ['antivirus_V*.exe', 'antivirus_V.exe.bak', false],
    ['*ab*ab*', 'ab', false],
    ['*ab*ab*', 'abab', true],
    ['ab*ba', 'aba', false],
    ['*?b*', 'b', false],
    ['*?b', 'bb', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*é*', 'CAFÉ', true],
    ['istanbul', 'İstanbul', false],
    ['*ΟΔΟΣ*', 'οδοσ και οδος', true],
    [String.raw`*\*`, 'a*', true],
    [String.raw`*\*`, 'ab', false],
  ])('%s against %s is %s', (pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  it('compares letters exactly when cased', () => {
    expect(matches('Root*', 'root', true)).toBe(false);
    expect(matches('Root*', 'Rooted', true)).toBe(true);
  });

  it('equals a regular expression made from the pattern, whatever the pattern and the value', () => {
    const letters = fc.constantFrom('a', 'b', 'A', '\\', '*', '?', '😀', 'ς', 'İ');
    const text = fc.array(letters, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, fc.boolean(), (pattern, value, cased) => {
        const source = readPattern(pattern)
          .map((piece) =>
            piece === 'run' ? '.*' : piece === 'one' ? '.' : quote(cased ? piece.literal : fold(piece.literal)),
          )
          .join('');
        const expected = new RegExp(`^${source}$`, 'su').test(cased ? value : fold(value));
        expect(matches(pattern, value, cased)).toBe(expected);
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('fold', () => {
  it('keeps the length, folds part by part, and makes both cases equal', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('Σ', 'ς', 'İ', 'ß', 'A', 'é') }),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(fold(a)).toHaveLength(a.length);
        expect(fold(a + b)).toBe(fold(a) + fold(b));
        expect(fold(fold(a))).toBe(fold(a));
      }),
      { numRuns: 1_000 },
    );
  });
});

function quote(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
