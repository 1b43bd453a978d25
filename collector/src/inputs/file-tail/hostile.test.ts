import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnTypeScript } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { applyBookmarks, type Bookmarks, type RawLine } from '../input.js';
import { FileTail, type FileTailOptions } from './file-tail.js';

jest.setTimeout(60_000);

const DEADLINE_MS = 20_000;
const MIB = 1024 * 1024;

let directory: string;
let log: string;
let lines: RawLine[];
let bookmarks: Bookmarks;
let tail: FileTail | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-tail-'));
  log = join(directory, 'app.log');
  lines = [];
  bookmarks = {};
});

afterEach(async () => {
  await tail?.stop();
  tail = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<FileTailOptions> = {}): Promise<FileTail> {
  tail = new FileTail({ paths: [join(directory, '*.log')], ...options });
  await tail.start(bookmarks, async (batch) => {
    lines.push(...batch.lines);
    bookmarks = applyBookmarks(bookmarks, JSON.parse(JSON.stringify(batch.bookmarks)));
  });
  return tail;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline)
      throw new Error(`not within ${DEADLINE_MS} ms: ${what}; ${JSON.stringify(tail?.stats())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const texts = () => lines.map(({ text }) => text);
const codes = () => tail!.stats().problems.map(({ code }) => code);

describe('the first start', () => {
  it('calls history what was there, also after a stop in between, and nothing else', async () => {
    writeFileSync(log, 'old 1\nold 2\n');
    tail = new FileTail({ paths: [log] });
    await tail.start({}, async (batch) => {
      if (batch.lines.length > 0) throw new Error('not taken');
      bookmarks = applyBookmarks(bookmarks, batch.bookmarks);
    });
    await tail.stop();
    appendFileSync(log, 'new 1\n');
    writeFileSync(join(directory, 'other.log'), 'new 2\n');
    await start();
    await until(() => lines.length === 4, 'all lines');
    expect(lines.filter(({ history }) => history).map(({ text }) => text)).toEqual(['old 1', 'old 2']);
  });

  it('reads no more history than asked, beginning with a whole line', async () => {
    writeFileSync(log, 'aaaa\nbbbb\ncccc\n');
    await start({ historyMaxBytes: 10 });
    await until(() => lines.length === 2, 'the last lines');
    expect(texts()).toEqual(['bbbb', 'cccc']);
    await tail!.stop();
    lines = [];
    bookmarks = {};
    await start({ historyMaxBytes: 9 });
    await until(() => lines.length === 1, 'the last line');
    expect(texts()).toEqual(['cccc']);
  });
});

describe('E04: rotation', () => {
  it('gives every line once under rename and create, late writes and pieces of lines included', async () => {
    const written: string[] = [];
    writeFileSync(log, '');
    await start();
    let fd = openSync(log, 'a');
    for (let rotation = 0; rotation < 8; rotation++) {
      for (let i = 0; i < 20; i++) {
        const line = `${rotation} ${i}`;
        written.push(line, `${line} late`);
        writeSync(fd, line.slice(0, 2));
        await new Promise((resolve) => setImmediate(resolve));
        writeSync(fd, `${line.slice(2)}\n`);
        if (i === 10) {
          for (let n = rotation; n >= 1; n--) renameSync(`${log}.${n}`, `${log}.${n + 1}`);
          renameSync(log, `${log}.1`);
          writeFileSync(log, '');
        }
        writeSync(fd, `${line} late\n`);
      }
      closeSync(fd);
      fd = openSync(log, 'a');
    }
    closeSync(fd);
    await until(() => lines.length >= written.length, 'all lines');
    expect(texts().sort()).toEqual(written.sort());
  });

  it('gives every line once under copytruncate every 300 ms', async () => {
    const written: string[] = [];
    writeFileSync(log, '');
    await start();
    for (let rotation = 0; rotation < 4; rotation++) {
      const next = Date.now() + 300;
      while (Date.now() < next) {
        written.push(`line ${written.length}`);
        appendFileSync(log, `${written.at(-1)}\n`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      copyFileSync(log, `${log}.1`);
      truncateSync(log);
    }
    await until(() => lines.length >= written.length, 'all lines');
    expect(texts()).toEqual(written);
    await until(() => tail!.stats().truncations === 4, 'the last truncation to be noticed');
  });

  it('takes a file of the same inode for another one when it is', async () => {
    const inodes = new Set<bigint>();
    writeFileSync(log, '');
    await start();
    for (let i = 0; i < 20; i++) {
      unlinkSync(log);
      // The same bytes each time: only the birth tells them apart.
      writeFileSync(log, 'same\n');
      inodes.add(statSync(log, { bigint: true }).ino);
      await until(() => lines.length === i + 1, `file ${i}`);
    }
    expect(new Set(lines.map(({ id }) => id)).size).toBe(20);
  });

  it('emits an unfinished last line when its file is out of use', async () => {
    writeFileSync(log, '');
    await start({ lateWritesMs: 100 });
    appendFileSync(log, 'whole\nunfinished');
    await until(() => lines.length === 1, 'the whole line');
    renameSync(log, `${log}.1`);
    writeFileSync(log, 'next\n');
    await until(() => lines.length === 3, 'the unfinished line');
    expect(texts().sort()).toEqual(['next', 'unfinished', 'whole']);
    await until(() => Object.keys(bookmarks).length === 2, 'the old bookmark to go');
  });

  it('finishes from the compressed file what was compressed before it was read', async () => {
    writeFileSync(log, 'a\n');
    await start();
    await until(() => lines.length === 1, 'the first line');
    await tail!.stop();
    const many = Array.from({ length: 60_000 }, (_, i) => `later ${i}`);
    appendFileSync(log, `${many.join('\n')}\n`);
    renameSync(log, `${log}.1`);
    execFileSync('gzip', [`${log}.1`]);
    writeFileSync(log, 'b\n');
    await start();
    await until(() => lines.length === many.length + 2, 'all lines');
    expect(texts()).toEqual(['a', ...many, 'b']);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
  });

  it('does not read again what a cut file still holds', async () => {
    const first = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
    writeFileSync(log, `${first.join('\n')}\n`);
    await start();
    await until(() => lines.length === 1000, 'all lines');
    truncateSync(log, 5000);
    await until(() => tail!.stats().truncations === 1, 'the cut');
    appendFileSync(log, 'after\n');
    await until(() => lines.length === 1001, 'the line behind the cut');
    expect(lines.at(-1)?.text).toBe('after');
  });
});

describe('content', () => {
  it('E05: passes over 120 MB of NULs that a truncation under a writer leaves', async () => {
    writeFileSync(log, 'before\n');
    const fd = openSync(log, 'r+');
    await start();
    await until(() => lines.length === 1, 'the first line');
    truncateSync(log);
    writeSync(fd, 'after 1\nafter 2\n', 120 * MIB);
    closeSync(fd);
    await until(() => lines.length === 3, 'the lines behind the hole');
    expect(texts()).toEqual(['before', 'after 1', 'after 2']);
    expect(tail!.stats().nulBytes).toBe(120 * MIB);
  });

  it('A22: cuts a line of 100 MB once, holds none of it, and gives the next one whole', async () => {
    writeFileSync(log, '');
    await start();
    const piece = Buffer.alloc(MIB, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) appendFileSync(log, piece);
    appendFileSync(log, '\nnext\n');
    await until(() => lines.length === 2, 'both lines');
    expect(lines.map(({ text, truncated }) => [text.length, truncated])).toEqual([
      [65_536, true],
      [4, false],
    ]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * MIB);
    expect(tail!.stats()).toMatchObject({ truncatedLines: 1, skippedBytes: 100 * MIB - 65_536 });
  });
});

describe('what is no readable file', () => {
  it.each([
    ['a directory', (path: string) => mkdirSync(path), 'FILE_NOT_REGULAR'],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), 'FILE_NOT_REGULAR'],
    ['a circle of symbolic links', (path: string) => symlinkSync(path, path), 'FILE_UNREADABLE'],
  ])('tells of %s in place of a log, reads the others, and reads it when it is a file again', async (_, make, code) => {
    const other = join(directory, 'other.log');
    writeFileSync(log, 'a\n');
    writeFileSync(other, '');
    await start({ paths: [log, other] });
    await until(() => lines.length === 1, 'the first line');
    unlinkSync(log);
    make(log);
    await until(() => codes().includes(code), code);
    appendFileSync(other, 'b\n');
    await until(() => lines.length === 2, 'the other file');
    rmSync(log, { recursive: true });
    writeFileSync(log, 'c\n');
    await until(() => lines.length === 3, 'the file again');
    expect(texts()).toEqual(['a', 'b', 'c']);
    await until(() => !codes().includes(code), 'the problem to end');
  });

  const mayChangeUser = process.geteuid?.() === 0 && process.seteuid !== undefined;
  (mayChangeUser ? it : it.skip)('reads a file when it may (needs root, to become somebody else)', async () => {
    writeFileSync(log, 'a\n');
    chmodSync(directory, 0o755);
    chmodSync(log, 0o600);
    process.seteuid!(65_534);
    try {
      await start();
      await until(() => codes().includes('FILE_UNREADABLE'), 'the problem');
      expect(tail!.stats().problems[0]?.hint).toContain('adm');
      expect(lines).toEqual([]);
    } finally {
      process.seteuid!(0);
    }
    await until(() => lines.length === 1, 'the line');
    expect(codes()).toEqual([]);
  });

  it('reads a file with two names once', async () => {
    writeFileSync(log, 'a\n');
    symlinkSync(log, join(directory, 'link.log'));
    await start();
    await until(() => lines.length > 0, 'the line');
    appendFileSync(log, 'b\n');
    await until(() => lines.length > 1, 'the second line');
    expect(texts()).toEqual(['a', 'b']);
  });
});

describe('E13: very many files', () => {
  it('reads 1,000 through at most 64 descriptors, rotation included', async () => {
    const paths = Array.from({ length: 1000 }, (_, i) => join(directory, `site-${i}.log`));
    for (const path of paths) writeFileSync(path, `${path} 0\n`);
    await start({ maxOpenFiles: 64 });
    let most = 0;
    const count = (n: number) => () => {
      most = Math.max(most, tail!.stats().openFiles);
      return lines.length >= n;
    };
    await until(count(1000), 'the first lines');
    for (const path of paths) appendFileSync(path, `${path} 1\n`);
    await until(count(2000), 'the second lines');
    for (const path of paths) {
      appendFileSync(path, `${path} 2\n`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, `${path} 3\n`);
    }
    await until(count(4000), 'the lines of the rotation');
    expect(new Set(texts()).size).toBe(4000);
    expect(lines).toHaveLength(4000);
    expect(most).toBeLessThanOrEqual(64);
  });
});

const hasLimits = spawnSync('prlimit', ['--version']).status === 0;

(hasLimits ? describe : describe.skip)('a process that may open few files (needs prlimit)', () => {
  it('reads 1,000 logs all the same, and says so', async () => {
    const paths = Array.from({ length: 1000 }, (_, i) => join(directory, `site-${i}.log`));
    for (const path of paths) writeFileSync(path, '0\n');
    const script = fileURLToPath(new URL('./follow-process.mjs', import.meta.url));
    const child = spawnTypeScript(script, [directory, '256'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let state = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      state = text.trim().split('\n').at(-1) ?? state;
    });
    try {
      await until(() => state === '1000', 'the first lines');
      execFileSync('prlimit', ['--pid', `${child.pid}`, '--nofile=64:64']);
      for (const path of paths) appendFileSync(path, '1\n');
      await until(() => state === '2000 TOO_MANY_OPEN_FILES', `all lines and the problem, not ${state}`);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('a limit of bytes per second', () => {
  it('holds a stream back, not the others', async () => {
    writeFileSync(log, 'x'.repeat(99).concat('\n').repeat(10_000));
    writeFileSync(join(directory, 'other.log'), 'other\n');
    const began = performance.now();
    await start({ maxReadBytesPerSecond: MIB });
    await until(() => lines.length === 10_001, 'all lines');
    // Four turns: after each of the first three the stream waits a quarter of a second.
    expect(performance.now() - began).toBeGreaterThan(600);
    expect(lines.findIndex(({ text }) => text === 'other')).toBeLessThan(6000);
  });
});

describe('fairness', () => {
  it('reads a quiet file between the turns of noisy ones', async () => {
    const noise = Buffer.from('a line of noise that fills the file\n'.repeat(300_000));
    const noisy = [1, 2, 3].map((n) => join(directory, `noisy-${n}.log`));
    for (const path of noisy) writeFileSync(path, noise);
    writeFileSync(log, 'quiet 0\n');
    const order: string[] = [];
    tail = new FileTail({ paths: [join(directory, '*.log')] });
    const asked: number[] = [0];
    await tail.start({}, async (batch) => {
      for (const line of batch.lines) if (line.stream === log) lines.push(line);
      if (batch.lines.length > 0) order.push(batch.lines[0]!.stream);
      // The next quiet line as soon as the one before was seen: while there is noise, it is always in its midst.
      if (batch.lines[0]?.stream === log) {
        asked.push(order.length);
        appendFileSync(log, `quiet ${asked.length - 1}\n`);
      }
    });
    await until(() => order.filter((stream) => stream !== log).length >= 120, 'the noise');
    await tail.stop();
    const seen = order.flatMap((stream, turn) => (stream === log ? [turn] : []));
    const waits = seen.map((turn, i) => turn - asked[i]!);
    expect(seen.length).toBeGreaterThan(5);
    // Notice of the line comes with the event loop's next round, in which each noisy lane may have had some turns.
    expect(Math.max(...waits)).toBeLessThanOrEqual(24);
  });
});
