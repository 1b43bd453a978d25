import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const DIST = 'web/dist';
const MOST_BYTES = 350 * 1_024;

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

const chunks = () => JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

/** Files of a chunk and of all that it imports at once. */
function filesOf(name: string, all: Record<string, Chunk>, seen = new Set<string>()): Set<string> {
  const { file, css = [], imports = [] } = all[name] as Chunk;
  if (seen.has(file)) return seen;
  for (const each of [file, ...css]) seen.add(each);
  for (const each of imports) filesOf(each, all, seen);
  return seen;
}

const weightOf = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);

describe('the pages of the console, gzipped', () => {
  it.each([
    'overview/overview-page',
    'alerts/alerts-page',
    'alerts/alert-page',
    'events/events-page',
    'blocks/blocks-page',
    'rules/rules-page',
    'lists/lists-page',
  ])('weigh less than 350 KB with %s as the first one', (page) => {
    const all = chunks();
    const files = new Set(['index.html', ...filesOf('index.html', all), ...filesOf(`src/${page}.tsx`, all)]);
    expect(weightOf(files)).toBeLessThan(MOST_BYTES);
    expect(weightOf(files)).toBeGreaterThan(50 * 1_024);
  });

  it('hold no script and no style within the page itself', () => {
    const html = readFileSync(join(DIST, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|data:/i);
  });
});
