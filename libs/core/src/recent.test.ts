import { describe, expect, it } from '@jest/globals';
import { Recent } from './recent.js';

describe('recent values', () => {
  it('never are more than there is room for, and what is asked for stays', () => {
    const recent = new Recent<number, string>(10);
    recent.set(-1, 'kept');
    for (let i = 0; i < 1_000; i++) {
      recent.set(i, `value ${i}`);
      expect(recent.get(-1)).toBe('kept');
      expect(recent.get(i)).toBe(`value ${i}`);
      expect(recent.size).toBeLessThanOrEqual(10);
    }
    expect(recent.get(500)).toBeUndefined();
    recent.clear();
    expect([recent.size, recent.get(-1)]).toEqual([0, undefined]);
  });
});
