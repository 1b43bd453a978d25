import { describe, expect, it } from '@jest/globals';
import { createAttemptWindows } from './attempt-windows.js';
import { createValueWindows } from './value-windows.js';
import type { WindowOptions } from './windows.js';

const OPTIONS: WindowOptions = { threshold: 3, windowMs: 1000, latenessMs: 1000, maxBytes: 1e8, seed: [3, 4] };
const NOW_MS = 1_795_000_000_000;

const idOf = (number: number) => number.toString(16).padStart(12, '0');

/** Both kinds behind one face, filled the same way: keys of one to five attempts (of as many values). */
const KINDS = [
  {
    kind: 'attempt',
    make: (options: WindowOptions) => {
      const windows = createAttemptWindows(options);
      return {
        windows,
        add: (key: string, id: number) => windows.add(key, { id: idOf(id), timeMs: NOW_MS, host: 1, who: 2 }, NOW_MS),
      };
    },
  },
  {
    kind: 'value',
    make: (options: WindowOptions) => {
      const windows = createValueWindows(options);
      return {
        windows,
        add: (key: string, id: number) =>
          windows.add(key, { id: idOf(id), timeMs: NOW_MS, host: 1, who: 2, value: `v${id}` }, NOW_MS),
      };
    },
  },
];

describe.each(KINDS)('E10: a snapshot of $kind windows', ({ make }) => {
  const filled = (keys: number, options = OPTIONS) => {
    const made = make(options);
    for (let key = 0; key < keys; key++) {
      for (let id = 0; id <= key % 5; id++) made.add(`key ${key}`, key * 5 + id);
    }
    made.windows.retract('key 1', 2, NOW_MS, NOW_MS, NOW_MS);
    return made;
  };
  const codeOf = (act: () => void) => {
    try {
      act();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return undefined;
  };

  it('is restored from chunks of any size, each at most 1 MiB when made', () => {
    const { windows } = filled(60_000);
    const chunks = [...windows.snapshot()];
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(1_048_576);
    const whole = Buffer.concat(chunks);
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; at += 99_991) pieces.push(whole.subarray(at, at + 99_991));
    const other = make(OPTIONS);
    other.windows.restore(pieces);
    expect({ ...other.windows.stats(), bytes: 0 }).toEqual({ ...windows.stats(), bytes: 0 });
    expect(other.windows.episode('key 59999')).toEqual(windows.episode('key 59999'));
    expect(other.add('key 59996', 7_000_000)).toBe('fired');
    expect(other.add('key 59997', 7_000_001)).toBe('grew');
    expect(other.add('key 59995', 59_995 * 5)).toBe('duplicate');
    expect(other.add('key 1', 5)).toBe('duplicate');
  });

  it('is refused when cut short anywhere, and leaves empty, usable windows', () => {
    const whole = Buffer.concat([...filled(12).windows.snapshot()]);
    for (let length = 0; length < whole.length; length += 7) {
      const other = filled(3);
      expect(codeOf(() => other.windows.restore([whole.subarray(0, length)]))).toBe('WINDOWS_SNAPSHOT_DAMAGED');
      expect(other.windows.stats()).toMatchObject({ keys: 0, episodes: 0 });
      expect(['a', 'b', 'c'].map((_, id) => other.add('k', id))).toEqual(['counted', 'counted', 'fired']);
    }
  });

  it('is refused when any bit is flipped, or anything follows', () => {
    const whole = Buffer.concat([...filled(12).windows.snapshot()]);
    for (let at = 0; at < whole.length; at += 3) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8((whole[at] as number) ^ (1 << (at % 8)), at);
      expect(codeOf(() => make(OPTIONS).windows.restore([flipped]))).toBe('WINDOWS_SNAPSHOT_DAMAGED');
    }
    expect(codeOf(() => make(OPTIONS).windows.restore([whole, Buffer.from('x')]))).toBe('WINDOWS_SNAPSHOT_DAMAGED');
  });

  it.each([
    ['threshold', { threshold: 4 }],
    ['windowMs', { windowMs: 999 }],
    ['latenessMs', { latenessMs: 0 }],
    ['seed', { seed: [4, 3] as const }],
  ])('is refused by windows with another %s', (_, change) => {
    const chunks = [...filled(12).windows.snapshot()];
    const other = make({ ...OPTIONS, ...change });
    expect(codeOf(() => other.windows.restore(chunks))).toBe('WINDOWS_SNAPSHOT_FOREIGN');
    expect(other.windows.stats()).toMatchObject({ keys: 0, episodes: 0 });
  });

  it('is refused by windows of the other kind', () => {
    const chunks = [...filled(12).windows.snapshot()];
    for (const other of KINDS.filter((one) => one.make !== make)) {
      expect(codeOf(() => other.make(OPTIONS).windows.restore(chunks))).toBe('WINDOWS_SNAPSHOT_FOREIGN');
    }
  });

  it('fits into less room by giving up keys, counted', () => {
    const { windows } = filled(200_000, { ...OPTIONS, maxBytes: 1e9 });
    const other = make({ ...OPTIONS, maxBytes: 5e6 });
    other.windows.restore(windows.snapshot());
    const { keys, evictedOneShot, evictedOther } = other.windows.stats();
    expect(keys).toBeGreaterThan(5000);
    expect(keys + evictedOneShot + evictedOther).toBe(windows.stats().keys);
  });

  it('cannot be gone on with once the windows changed', () => {
    const { windows, add } = filled(12);
    const chunks = windows.snapshot()[Symbol.iterator]();
    chunks.next();
    add('another', 1);
    expect(codeOf(() => chunks.next())).toBe('WINDOWS_SNAPSHOT_STALE');
  });
});
