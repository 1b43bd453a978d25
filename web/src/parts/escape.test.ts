import { describe, expect, it } from '@jest/globals';
import { escaped, piecesOf } from './escape.js';

describe('text that anyone may have written', () => {
  it('stays as it is where it can be read', () => {
    expect(piecesOf('Failed password for Jürgen 日本 <b>')).toEqual([
      { text: 'Failed password for Jürgen 日本 <b>', isEscape: false },
    ]);
    expect(piecesOf('')).toEqual([]);
  });

  it.each([
    ['a\nb', 'a\\nb'],
    ['\u001b[2Jx', '\\e[2Jx'],
    ['root\u202etxt', 'root\\u202etxt'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['line\u2028end', 'line\\u2028end'],
  ])('%j shows as %s', (text, shown) => {
    expect(escaped(text)).toBe(shown);
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(shown);
  });
});
