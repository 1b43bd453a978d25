import { describe, expect, it } from '@jest/globals';
import { bytesText, diskText } from './words.js';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [812_400_000, '812 MB'],
    [1_440_000_000_000, '1.4 TB'],
  ])('%i are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});

describe('a disk', () => {
  const room = { freeBytes: 9, totalBytes: 10 };
  it.each([
    [room, 'unknown'],
    [{ ...room, bytesPerDay: 0 }, 'does not fill'],
    [{ ...room, bytesPerDay: 1, daysLeft: 9 }, '~9 days left'],
    [{ ...room, bytesPerDay: 1, daysLeft: 1 }, '~1 day left'],
    [{ ...room, bytesPerDay: 10, daysLeft: 0 }, 'less than a day left'],
    [{ ...room, bytesPerDay: 1, daysLeft: 4_000 }, 'does not fill'],
  ])('%j: %s', (disk, text) => expect(diskText(disk)).toBe(text));
});
