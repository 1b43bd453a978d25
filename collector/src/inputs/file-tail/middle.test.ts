import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LineReader } from '../../line-reader.js';
import { applyBookmarks, type Bookmark, type Bookmarks, type RawLine } from '../input.js';
import { FileTail, type FileTailOptions } from './file-tail.js';

const DEADLINE_MS = 20_000;
const R = '198.51.100.7';
const FIELDS = '#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status sc-win32-status';
const OTHER_FIELDS = '#Fields: date time c-ip cs-method cs-uri-stem cs-username s-ip sc-status sc-win32-status';
const BLOCK = (fields: string) =>
  `#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-11-22 07:00:00\r\n${fields}\r\n`;
const REFUSED = `2026-11-22 07:00:01 203.0.113.5 POST /rpc admin ${R} 401 1326\r\n`;
const OTHER_REFUSED = `2026-11-22 07:00:01 ${R} POST /rpc admin 203.0.113.5 401 1326\r\n`;

let directory: string;
let log: string;
let lines: RawLine[];
let bookmarks: Bookmarks;
let tail: FileTail | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-middle-'));
  log = join(directory, 'app.log');
  lines = [];
  bookmarks = {};
});

afterEach(async () => {
  await tail?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<FileTailOptions> = {}): Promise<void> {
  tail = new FileTail({ paths: [log], ...options });
  await tail.start(bookmarks, async (batch) => {
    lines.push(...batch.lines);
    bookmarks = applyBookmarks(bookmarks, JSON.parse(JSON.stringify(batch.bookmarks)));
  });
}

/** What is read from now on, by a collector that has just started. */
async function restart(): Promise<void> {
  await tail?.stop();
  lines = [];
  await start();
}

async function read(count: number): Promise<string[]> {
  const deadline = Date.now() + DEADLINE_MS;
  while (lines.length < count) {
    if (Date.now() > deadline) throw new Error(`${lines.length} of ${count} lines; ${JSON.stringify(tail?.stats())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return lines.map(({ text }) => text);
}

/** The addresses of the events that a collector's reader, which has just started, makes of the lines. */
function addresses(): (string | undefined)[] {
  const reader = new LineReader({
    agentId: 'agent',
    seed: [1, 2, 3],
    host: 'web-01',
    zone: 'UTC',
    clock: () => Date.now(),
  });
  return lines.flatMap((line) => reader.read(line)?.['source.ip'] ?? []);
}

describe('a log with columns, read on in its middle', () => {
  it('has the columns that it had before', async () => {
    writeFileSync(log, BLOCK(FIELDS) + REFUSED);
    await start();
    await read(5);
    appendFileSync(log, REFUSED);
    await restart();
    await read(1);
    expect(addresses()).toEqual([R]);
  });

  it('has those that came last, not those of its beginning', async () => {
    writeFileSync(log, BLOCK(FIELDS) + REFUSED + BLOCK(OTHER_FIELDS) + OTHER_REFUSED);
    await start();
    await read(10);
    appendFileSync(log, OTHER_REFUSED);
    await restart();
    await read(1);
    expect(addresses()).toEqual([R]);
  });

  it('has them by a bookmark of an older version, too, which does not know them', async () => {
    const much = OTHER_REFUSED.repeat(30_000);
    writeFileSync(log, BLOCK(FIELDS) + REFUSED + BLOCK(OTHER_FIELDS) + much);
    await start();
    await read(9 + 30_000);
    appendFileSync(log, OTHER_REFUSED);
    await tail!.stop();
    for (const bookmark of Object.values(bookmarks) as Bookmark[]) delete bookmark.directives;
    await restart();
    await read(1);
    expect(addresses()).toEqual([R]);
  });

  it('has them where not all of its history is read', async () => {
    writeFileSync(log, BLOCK(FIELDS) + REFUSED.repeat(100));
    await start({ historyMaxBytes: REFUSED.length * 3 });
    await read(3);
    expect(addresses()).toEqual([R, R, R]);
  });
});

describe('a log in UTF-16', () => {
  const text = (words: string) => Buffer.from(words, 'utf16le');
  const failure = (peer: string) =>
    `2026-11-22 07:00:00.12 Logon       Login failed for user 'sa'. Reason: Password did not match that for the login provided. [CLIENT: ${peer}]\r\n`;

  it('is followed, also after a restart in its middle', async () => {
    writeFileSync(log, '');
    await start();
    appendFileSync(
      log,
      text(`\ufeff2026-11-22 07:00:00.00 Server      Microsoft SQL Server \u0a0a\u010a\r\n${failure(R)}`),
    );
    expect(await read(2)).toEqual([
      '2026-11-22 07:00:00.00 Server      Microsoft SQL Server \u0a0a\u010a',
      failure(R).trimEnd(),
    ]);
    expect(addresses()).toEqual([R]);
    const half = text(failure('198.51.100.8'));
    appendFileSync(log, half.subarray(0, 31));
    await restart();
    appendFileSync(log, half.subarray(31));
    expect(await read(1)).toEqual([failure('198.51.100.8').trimEnd()]);
    expect(addresses()).toEqual(['198.51.100.8']);
  });

  it('is read from a whole character on where not all of its history is', async () => {
    writeFileSync(log, text(`\ufeff${failure(R).repeat(10)}`));
    const lineBytes = text(failure(R)).length;
    await start({ historyMaxBytes: lineBytes * 2 + 5 });
    expect(await read(2)).toEqual([failure(R).trimEnd(), failure(R).trimEnd()]);
    await tail!.stop();
    lines = [];
    bookmarks = {};
    await start({ historyMaxBytes: lineBytes * 2 + 6 });
    expect(await read(2)).toEqual([failure(R).trimEnd(), failure(R).trimEnd()]);
  });
});
