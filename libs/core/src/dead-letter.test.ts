import { describe, expect, it } from '@jest/globals';
import { deadLetterOf } from './dead-letter.js';

const record = {
  topic: 't',
  partition: 2,
  offset: 7,
  timestampMs: 1,
  key: 'k',
  value: Buffer.from([0xff, 0x00, 0x7b]),
};

describe('deadLetterOf', () => {
  it('keeps key and bytes, and tells where the record was and why it is no longer there', () => {
    const letter = deadLetterOf(record, 'not JSON');
    expect(letter).toEqual({
      key: 'k',
      value: Buffer.from([0xff, 0x00, 0x7b]),
      headers: { topic: 't', partition: '2', offset: '7', reason: 'not JSON' },
    });
  });

  it('cuts what no broker would take, and says how long it was', () => {
    const { value, headers } = deadLetterOf({ ...record, value: Buffer.alloc(10_000_000, 1) }, 'r'.repeat(5_000));
    expect(value).toHaveLength(1_000_000);
    expect(headers?.['bytes']).toBe('10000000');
    expect(headers?.['reason']).toHaveLength(500);
  });
});
