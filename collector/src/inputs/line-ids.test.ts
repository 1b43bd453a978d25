import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.js';
import { firstLine, lineId, lineLimit, streamId } from './line-ids.js';

describe('line ids', () => {
  it('take the same CRC as zlib', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(20), (bytes, start, cut) => {
        const end = Math.max(start, bytes.length - cut);
        fc.pre(end <= bytes.length);
        expect(crc32(bytes, start, end)).toBe(zlibCrc32(bytes.subarray(start, end)));
      }),
    );
  });

  it('have a fixed form', () => {
    const id = lineId(streamId('file', '1'), (1234).toString(36), Buffer.from('--hello--'), 2, 7);
    expect(id).toMatch(/^[0-9a-f]{16}-ya-3610a686$/);
  });

  it('tell parts of a stream id apart, wherever they are cut', () => {
    expect(streamId('ab', 'c')).not.toBe(streamId('a', 'bc'));
  });

  it('know a first line by at most 1 KiB', () => {
    expect(firstLine(Buffer.from('a\nb')).toString()).toBe('a');
    expect(firstLine(Buffer.alloc(5000, 'x'))).toHaveLength(1024);
  });

  it('refuse lines shorter than that', () => {
    expect(() => lineLimit(1023)).toThrow(RangeError);
    expect(lineLimit()).toBe(65_536);
  });
});
