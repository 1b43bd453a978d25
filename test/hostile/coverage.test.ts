import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** How many cases each area of the list has. */
const AREAS = { A: 24, B: 12, C: 11, D: 12, E: 13, F: 6 };

const rows = readFileSync('docs/hostile.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id, , happens, links] = /^\| ([A-F]\d\d) \| (.*?) \| (.*?) \|(.*)\|$/.exec(line) ?? [];
    if (id === undefined || happens === undefined || links === undefined) return [];
    return [{ id, happens, files: [...links.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] as string) }];
  });

describe('docs/hostile.md', () => {
  it('lists every case once, in order', () => {
    const all = Object.entries(AREAS).flatMap(([area, count]) =>
      Array.from({ length: count }, (_, n) => `${area}${String(n + 1).padStart(2, '0')}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  it('gives a test, or the reason why there is none', () => {
    const without = rows.filter(({ files }) => files.length === 0);
    expect(without.filter(({ happens }) => !/\b(no|not|nothing|only|cannot)\b/.test(happens))).toEqual([]);
  });

  it.each(rows.flatMap(({ id, files }) => files.map((file) => [id, normalize(join('docs', file))] as const)))(
    '%s is proven by %s',
    (id, file) => {
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b${id}\\b`));
    },
  );
});
