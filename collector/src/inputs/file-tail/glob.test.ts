import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expandAll, Glob } from './glob.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleetwall-glob-'));
  const paths = [
    'auth.log',
    'auth.log.1',
    'auth.log-20261122',
    'auth.log.2.gz',
    'access_log-20261122',
    '.hidden.log',
    'a+b.log',
    'sites/one/error.log',
    'sites/two/error.log',
    'sites/two/deep/er/error.log',
    'sites/two/error.log.old',
  ];
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  symlinkSync(join(root, 'sites'), join(root, 'sites/two/deep/circle'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function find(pattern: string, seen: string[] = []): Promise<string[]> {
  const wasSeen = (path: string) => seen.includes(path.slice(root.length + 1));
  const { files } = await expandAll([new Glob(join(root, pattern))], wasSeen);
  return [...files].map((path) => path.slice(root.length + 1)).sort();
}

describe('Glob', () => {
  it.each([
    ['*.log', ['a+b.log', 'auth.log']],
    ['.*.log', ['.hidden.log']],
    ['a?b.log', ['a+b.log']],
    ['a+b.log', ['a+b.log']],
    ['[a-c]uth.log', ['auth.log']],
    ['[!b]uth.log', ['auth.log']],
    ['auth.log*', ['auth.log']],
    ['auth.log.1', ['auth.log.1']],
    ['*_log-*', ['access_log-20261122']],
    ['sites/*/*.log', ['sites/one/error.log', 'sites/two/error.log']],
    ['sites/**/*.log', ['sites/one/error.log', 'sites/two/deep/er/error.log', 'sites/two/error.log']],
    ['missing/*.log', []],
    ['missing.log', ['missing.log']],
  ])('%s finds %j, and matches what it finds', async (pattern, expected) => {
    const found = await find(pattern);
    expect(found).toEqual(expected);
    for (const path of found) expect(new Glob(join(root, pattern)).matches(join(root, path))).toBe(true);
    expect(new Glob(join(root, pattern)).matches(join(root, 'sites/other.txt'))).toBe(false);
  });

  it('knows a dated file for a rotated one when there was a file without the date', async () => {
    rmSync(join(root, 'auth.log'));
    expect(await find('auth*')).toEqual(['auth.log-20261122']);
    expect(await find('auth*', ['auth.log'])).toEqual([]);
  });

  it('tells which directories to watch', async () => {
    const { directories } = await expandAll([new Glob(join(root, 'sites/*/*.log'))], () => false);
    expect([...directories].sort()).toEqual([join(root, 'sites/one'), join(root, 'sites/two')]);
  });
});
