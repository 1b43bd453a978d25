import { describe, expect, it } from '@jest/globals';
import { KeyHash } from './key-hash.js';

/** The bytes 0, 1, 2 … of the reference vectors as UTF-16LE text of `bytes` bytes. */
function countingText(bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => at)).toString('utf16le');
}

describe('key hash', () => {
  // vectors_hsip64 in vectors.h of the reference implementation (CC0), the key 0, 1, … 7.
  it.each([
    [0, '218d1f59b9b83cc8'],
    [2, '064f39ef7c50eb57'],
    [4, 'd5e78a175be52ea1'],
    [6, 'ce3e91358aa2bc25'],
  ])('equals the reference vector of %i bytes', (bytes, expected) => {
    const hash = new KeyHash([0x03020100, 0x07060504]);
    hash.update(countingText(bytes));
    const result = Buffer.alloc(8);
    result.writeInt32LE(hash.low, 0);
    result.writeInt32LE(hash.high, 4);
    expect(result.toString('hex')).toBe(expected);
  });
});
