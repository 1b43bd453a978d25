import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory } from './lock.js';
import { readFrom, record, TemporaryLog, valuesOf } from './temporary-log.test-support.js';

let temporary: TemporaryLog;
let nowMs = 1_000_000;
beforeEach(async () => {
  temporary = await TemporaryLog.create({ clock: () => nowMs });
});
afterEach(() => temporary.remove());

const values = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `value ${from + i}`);
const appendAll = async (log: Awaited<ReturnType<TemporaryLog['open']>>, texts: string[]) => {
  for (const text of texts) await log.append([record(text)]);
};

describe('append and read', () => {
  it('gives offsets in the order of calls, many appends to one commit', async () => {
    const log = await temporary.open();
    const offsets = await Promise.all(values(500).map((value) => log.append([record(value), record(`${value}b`)])));
    expect(offsets).toEqual(Array.from({ length: 500 }, (_, i) => i * 2));
    expect(await valuesOf(log)).toEqual(values(500).flatMap((value) => [value, `${value}b`]));
    await log.close();
  });

  it('reads from any offset, across segments, from memory and from disk', async () => {
    const written = await temporary.open({ segmentBytes: 3_000 });
    await Promise.all(values(200).map((value) => written.append([record(value)])));
    await appendAll(written, values(100, 200));
    const check = async (log: typeof written) => {
      for (const from of [0, 1, 57, 199, 200, 201, 298, 299, 300, 999]) {
        const read = await log.read(from, 7);
        const { length } = read.records;
        expect(length).toBeLessThanOrEqual(7);
        expect(length > 0).toBe(from < 300);
        expect(read.records.map((r) => r.value.toString())).toEqual(values(300).slice(from, from + length));
        expect(read.nextOffset).toBe(from + length);
      }
      expect(await valuesOf(log)).toEqual(values(300));
    };
    await check(written);
    await written.close();
    const log = await temporary.open();
    await check(log);
    await log.close();
  });

  it('ends a read at the bytes asked, with one record at least', async () => {
    const log = await temporary.open();
    await log.append([record(Buffer.alloc(100_000)), record(Buffer.alloc(100_000)), record('small')]);
    expect((await log.read(0, 10, 1)).records).toHaveLength(1);
    expect((await log.read(0, 10, 150_000)).records).toHaveLength(2);
    expect((await log.read(0, 10)).records).toHaveLength(3);
    await log.close();
  });

  it('wakes those who wait when something comes, on abort, and on close', async () => {
    const log = await temporary.open();
    const waiting = log.wait(0);
    await log.append([record('x')]);
    await waiting;
    const aborting = new AbortController();
    const aborted = log.wait(1, aborting.signal);
    aborting.abort();
    await aborted;
    const closed = log.wait(1);
    await log.close();
    await closed;
    await expect(log.append([])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });

  it('finds offsets by append time', async () => {
    const log = await temporary.open({ segmentBytes: 500 });
    const startMs = nowMs;
    for (let i = 0; i < 30; i++) {
      await log.append([record(`value ${i}`), record('second')]);
      nowMs += 10;
    }
    for (const i of [0, 1, 14, 15, 29]) {
      expect(await log.offsetAt(startMs + i * 10)).toBe(i * 2);
      expect(await log.offsetAt(startMs + i * 10 - 5)).toBe(i * 2);
    }
    expect(await log.offsetAt(startMs + 291)).toBe(60);
    await log.close();
  });

  it('refuses what no frame can hold, and goes on', async () => {
    const log = await temporary.open();
    const huge = record(Buffer.alloc((64 << 20) + 1));
    await expect(log.append([huge])).rejects.toMatchObject({ code: 'LOG_RECORD_TOO_LARGE' });
    expect(await log.append([record('small')])).toBe(0);
    await log.close();
  });
});

describe('state', () => {
  it('is the latest one that came with an append, also after segments were begun and trimmed', async () => {
    const log = await temporary.open({ segmentBytes: 300 });
    expect(log.state).toBeUndefined();
    for (const value of values(20)) await log.append([record(value)], Buffer.from(`after ${value}`));
    await appendAll(log, values(20, 20));
    expect(log.state?.toString()).toBe('after value 19');
    await log.trimBefore(40);
    expect(await temporary.segments()).toHaveLength(1);
    await log.close();
    const again = await temporary.open();
    expect(again.state?.toString()).toBe('after value 19');
    await again.close();
  });

  it('without any record does not grow the log without bound', async () => {
    const log = await temporary.open({ segmentBytes: 2_000 });
    for (let i = 0; i < 200; i++) await log.append([], Buffer.from(`state ${i}`));
    expect(log.bytes).toBeLessThan(4_000);
    await log.close();
    const again = await temporary.open();
    expect([again.state?.toString(), again.next]).toEqual(['state 199', 0]);
    await again.close();
  });
});

describe('trim and retention', () => {
  it('remembers what was trimmed, and deletes segments that hold nothing else', async () => {
    const log = await temporary.open({ segmentBytes: 300 });
    await appendAll(log, values(30));
    const before = log.bytes;
    await log.trimBefore(17);
    expect(log.bytes).toBeLessThan(before);
    expect([log.low, (await readFrom(log))[0]?.offset]).toEqual([17, 17]);
    await log.close();
    const again = await temporary.open();
    expect([again.low, (await readFrom(again)).length]).toEqual([17, 13]);
    await again.close();
  });

  it('keeps to the bytes, oldest segments first, and counts the records', async () => {
    const log = await temporary.open({ segmentBytes: 1_000, maxBytes: 5_000 });
    await appendAll(log, values(500));
    await log.enforceRetention();
    expect(log.bytes).toBeLessThanOrEqual(5_000);
    const lost = temporary.reports.reduce((sum, report) => sum + (report.type === 'expired' ? report.records : 0), 0);
    expect(lost).toBe(log.low);
    expect(await valuesOf(log)).toEqual(values(500).slice(log.low));
    await log.close();
  });

  it('deletes what is too old, also when a reopened log has not read it', async () => {
    const log = await temporary.open({ segmentBytes: 300, retentionMs: 1_000 });
    await appendAll(log, values(20));
    nowMs += 900;
    await appendAll(log, values(20, 20));
    await log.close();
    nowMs += 300;
    const again = await temporary.open({ segmentBytes: 300, retentionMs: 1_000 });
    await again.enforceRetention();
    expect(again.low).toBeGreaterThan(10);
    expect(again.low).toBeLessThanOrEqual(20);
    expect(temporary.reports.every((report) => report.type === 'expired' && report.reason === 'age')).toBe(true);
    await again.close();
  });
});

describe('compaction', () => {
  const key = (i: number) => `key ${i % 10}`;

  it('leaves the last record of each key at its offset, while readers read and writers write', async () => {
    const log = await temporary.open({ segmentBytes: 2_000 });
    for (let i = 0; i < 400; i++) await log.append([record(`value ${i}`, key(i))]);
    await log.append([record('', key(3))]);
    const before = log.bytes;
    const reading = readFrom(log);
    const writing = log.append([record('written meanwhile', key(4))]);
    await log.compact(-1);
    const read = await reading;
    expect(read.filter(({ offset }) => offset >= 390).length).toBeGreaterThanOrEqual(9);
    expect(log.bytes).toBeLessThan(before / 4);
    const offset = await writing;
    const left = await readFrom(log);
    expect(left.filter((entry) => entry.offset < 390)).toEqual([]);
    expect(left.find((entry) => entry.offset === 399)?.value).toBe('value 399');
    expect(left.find((entry) => entry.offset === 393)).toBeUndefined();
    expect(left.find((entry) => entry.offset === offset)?.value).toBe('written meanwhile');
    await log.close();
    const again = await temporary.open();
    expect(await readFrom(again)).toEqual(left);
    expect(await again.append([record('next')])).toBe(offset + 1);
    await again.close();
  });

  it('keeps removals that are young, and leaves a log alone that has little garbage', async () => {
    const log = await temporary.open({ segmentBytes: 500 });
    for (let i = 0; i < 40; i++) await log.append([record('', key(i))]);
    await log.compact(1_000);
    expect(await readFrom(log)).toHaveLength(10);
    const files = await temporary.segments();
    await log.compact(1_000);
    expect(await temporary.segments()).toEqual(files);
    nowMs += 2_000;
    await log.compact(1_000);
    expect(await readFrom(log)).toEqual([]);
    await log.close();
  });

  it('cut short between switching and deleting, reads the same', async () => {
    const log = await temporary.open({ segmentBytes: 2_000 });
    for (let i = 0; i < 200; i++) await log.append([record(`value ${i}`, key(i))]);
    await log.close();
    const { readFile } = await import('node:fs/promises');
    const originals = await Promise.all(
      (await temporary.segments()).map(async (path) => [path, await readFile(path)] as const),
    );
    const compacted = await temporary.open();
    await compacted.compact(0);
    await compacted.close();
    // All but the first, which was switched: as if the others had not been deleted yet.
    for (const [path, bytes] of originals.slice(1)) await writeFile(path, bytes);
    const again = await temporary.open();
    const read = await readFrom(again);
    expect(read.map(({ offset }) => offset)).toEqual(
      [...new Set(read.map(({ offset }) => offset))].sort((a, b) => a - b),
    );
    expect(read.slice(-10)).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ offset: 190 + i, value: `value ${190 + i}` })),
    );
    await again.close();
  });
});

describe('lock', () => {
  it('refuses a second log in the same directory until the first is closed', async () => {
    const log = await temporary.open();
    await expect(temporary.open()).rejects.toMatchObject({ code: 'LOG_LOCKED', details: { pid: process.pid } });
    await log.close();
    await (await temporary.open()).close();
  });

  it('takes over from a process that is gone, from one whose id was used again, and from half a lock', async () => {
    for (const text of ['999999999 1\n', `${process.ppid} 1\n`, '', 'not a number']) {
      await writeFile(join(temporary.directory, 'lock'), text);
      const unlock = await lockDirectory(temporary.directory);
      await unlock();
    }
    expect(await readdir(temporary.directory)).toEqual([]);
  });
});
