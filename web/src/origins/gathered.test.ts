import { describe, expect, it } from '@jest/globals';
import { gathered } from './gathered.js';

describe('calls of one moment', () => {
  it('are as few requests as they fit into, each key once', async () => {
    const asked: string[][] = [];
    const load = async (keys: string[]) => {
      asked.push(keys);
      return keys.map((key) => `value of ${key}`);
    };
    const get = gathered(load, 2);
    expect(await Promise.all(['a', 'b', 'a', 'c'].map(get))).toEqual(
      ['a', 'b', 'a', 'c'].map((key) => `value of ${key}`),
    );
    expect(asked).toEqual([['a', 'b'], ['c']]);
    expect(await get('a')).toBe('value of a');
    expect(asked).toHaveLength(3);
  });

  it('fail with their own request, and the next ones ask again', async () => {
    let isDown = true;
    const get = gathered(async (keys: string[]) => {
      if (isDown) throw new Error('down');
      return keys;
    }, 10);
    await expect(get('a')).rejects.toThrow('down');
    isDown = false;
    expect(await get('a')).toBe('a');
  });
});
