import { appendFileSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { inputConformance } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { applyBookmarks, type Bookmarks, type RawLine } from '../input.js';
import { StdinInput } from './stdin.js';

inputConformance(
  'standard input, piped',
  async () => {
    const pipe = new PassThrough();
    return {
      open: async (maxLineBytes) => new StdinInput({ source: pipe, maxLineBytes }),
      // Piece by piece, as a pipe does: it takes only so much at once.
      write: async (bytes) => {
        for (let at = 0; at < bytes.length; at += 65_536) pipe.write(bytes.subarray(at, at + 65_536));
      },
      remove: async () => {
        pipe.destroy();
      },
    };
  },
  { resumable: false },
);

describe('standard input', () => {
  async function read(source: number | PassThrough, bookmarks: Bookmarks) {
    const input = new StdinInput({ source });
    const lines: RawLine[] = [];
    let last = bookmarks;
    await input.start(bookmarks, async (batch) => {
      lines.push(...batch.lines);
      last = applyBookmarks(last, batch.bookmarks);
    });
    await input.finished;
    await input.stop();
    return { lines, bookmarks: last };
  }

  it('ends with its input, the unfinished last line included', async () => {
    const pipe = new PassThrough();
    pipe.end('first\nlast');
    expect((await read(pipe, {})).lines.map(({ text }) => text)).toEqual(['first', 'last']);
  });

  it('gives the same ids to the same data', async () => {
    const ids = [];
    for (const pieces of [
      ['a\nb', '\nb\n'],
      ['a', '\nb\nb\n'],
    ]) {
      const pipe = new PassThrough();
      for (const piece of pieces) pipe.write(piece);
      pipe.end();
      ids.push((await read(pipe, {})).lines.map(({ id }) => id));
    }
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(3);
  });

  it('goes on in a file behind its bookmark, and begins anew in another one', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-stdin-'));
    const path = join(directory, 'auth.log');
    const readFile = (bookmarks: Bookmarks) => read(openSync(path, 'r'), bookmarks);
    try {
      writeFileSync(path, 'a\nb\n');
      const first = await readFile({});
      appendFileSync(path, 'c\n');
      const second = await readFile(first.bookmarks);
      expect(second.lines.map(({ text }) => text)).toEqual(['c']);
      writeFileSync(path, 'x\ny\nz\n');
      expect((await readFile(second.bookmarks)).lines.map(({ text }) => text)).toEqual(['x', 'y', 'z']);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
