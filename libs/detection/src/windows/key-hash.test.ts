import { describe, expect, it } from '@jest/globals';
import { KeyHash } from './key-hash.js';

/** The bytes 0, 1, 2 … of the reference vectors as UTF-16LE text of `bytes` bytes. */
function countingText(bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => at)).toString('utf16le');
}

describe('key hash', () => {
  // From the reference implementation built with cROUNDS=1 and dROUNDS=3, its test key 0, 1, … 7.
  it.each([
    [0, '76a5d0212320f72a'],
    [2, '78ee1fe15d3cd732'],
    [4, 'eb24dba0718cae05'],
    [6, 'af65e0c64df5d602'],
    [16, '56d7c5b93d3e2ec2'],
    [18, 'f449a18ad5987ad6'],
  ])('equals the reference for %i bytes', (bytes, expected) => {
    const hash = new KeyHash([0x03020100, 0x07060504]);
    hash.update(countingText(bytes));
    const result = Buffer.alloc(8);
    result.writeInt32LE(hash.low, 0);
    result.writeInt32LE(hash.high, 4);
    expect(result.toString('hex')).toBe(expected);
  });
});
