import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventStore, FleetEvent, FleetwallError } from '@fleetwall/core';
import { spawnTypeScript } from '@fleetwall/testkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from './database.js';
import { DayFiles } from './day-files.js';
import { createDuckDbEventStore } from './duckdb-event-store.js';

const NOON_MS = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;
const EVERYTHING = { query: { type: 'all' }, range: { fromMs: 0, toMs: Number.POSITIVE_INFINITY } } as const;

const clock = () => NOON_MS;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-days-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function dayEvents(daysAgo: number, count: number, prefix = 'e'): FleetEvent[] {
  return Array.from(
    { length: count },
    (_, i) =>
      ({
        '@timestamp': NOON_MS - daysAgo * DAY_MS + i,
        'event.id': `${prefix}-${daysAgo}-${i}`,
        'event.original': `line ${i} ${Math.random().toString(36)}`,
      }) as FleetEvent,
  );
}

describe('the directory', () => {
  it('is refused to a second store of this process and to another process', async () => {
    const store = await createDuckDbEventStore({ directory, clock });
    await expect(createDuckDbEventStore({ directory })).rejects.toMatchObject({ code: 'EVENT_STORE_LOCKED' });
    await store.close();
    const writer = spawnTypeScript(fileURLToPath(new URL('./crash-writer.mjs', import.meta.url)), [directory, 'x'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(writer.stdout as NodeJS.ReadableStream, 'data');
      await expect(createDuckDbEventStore({ directory })).rejects.toMatchObject({ code: 'EVENT_STORE_LOCKED' });
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    }
    await (await createDuckDbEventStore({ directory })).close();
  }, 30_000);

  it('gets one file for each event day, which retention deletes', async () => {
    const store = await createDuckDbEventStore({ directory, clock });
    await store.bulk([...dayEvents(0, 1), ...dayEvents(3, 1), ...dayEvents(4, 1)]);
    expect(await store.dropDaysBefore(NOON_MS - 2 * DAY_MS)).toEqual(['2026-11-18', '2026-11-19']);
    await store.close();
    expect(readdirSync(directory).sort()).toEqual(['2026-11-22.duckdb', 'store.duckdb']);
  });

  it('drops a day that is to be written anew once that is done', async () => {
    const database = await Database.open({ directory, memoryLimitMb: 64, threads: 1, queryTimeoutMs: 60_000 });
    const files = new DayFiles(directory, database, () => undefined);
    const ends: string[] = [];
    let dropping: Promise<unknown> | undefined;
    await files.create('2026-11-22');
    await files.use('2026-11-22', async () => {
      void files
        .rewrite('2026-11-22', async () => {})
        .then(
          () => ends.push('rewritten'),
          (error: Error) => ends.push(error.message),
        );
      await new Promise(setImmediate);
      dropping = files.drop('2026-11-22').then(() => ends.push('dropped'));
    });
    await dropping;
    expect(ends).toEqual(['rewritten', 'dropped']);
    expect(readdirSync(directory)).toEqual(['store.duckdb']);
    await files.close();
    database.close();
  });

  it('does not fill with files when a bulk has times of hundreds of days', async () => {
    const store = await createDuckDbEventStore({ directory, clock });
    const events = Array.from({ length: 200 }, (_, i) => dayEvents(i * 30, 1)[0] as FleetEvent);
    const result = await store.bulk(events);
    expect([result.created, result.rejected.length]).toEqual([64, 136]);
    expect(result.rejected.map(({ event }) => event)).toEqual(events.slice(64));
    await store.close();
    expect(readdirSync(directory).filter((name) => /^\d/.test(name))).toHaveLength(64);
  }, 60_000);

  (process.platform === 'linux' ? it : it.skip)(
    'has few files open, however many days are read (needs /proc)',
    async () => {
      const store = await createDuckDbEventStore({ directory, clock });
      for (let day = 0; day < 60; day += 10) {
        await store.bulk(Array.from({ length: 10 }, (_, i) => dayEvents(day + i, 1)[0] as FleetEvent));
      }
      expect(await store.count(EVERYTHING)).toBe(60);
      const open = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(directory));
      // At most 34 days with their logs, one more that came while they were in use, and store.duckdb.
      expect(open.length).toBeLessThan(2 * 36);
      await store.close();
    },
    60_000,
  );
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('a damaged day', () => {
  const damages: [string, (file: string) => void][] = [
    ['an empty file', (file) => truncateSync(file, 0)],
    ['a file of something else', (file) => writeFileSync(file, 'x'.repeat(20_000))],
    ['a file cut short', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 3))],
    ['flipped bytes', (file) => overwrite(file, 16_384, 200_000)],
  ];

  it.each(damages)('%s: is set aside and told of, and the others go on', async (_, damage) => {
    const first = await createDuckDbEventStore({ directory, clock });
    await first.bulk([...dayEvents(0, 10), ...dayEvents(1, 5_000), ...dayEvents(2, 10)]);
    await first.close();
    damage(join(directory, '2026-11-21.duckdb'));
    const told: FleetwallError[] = [];
    const store = await createDuckDbEventStore({ directory, clock, onDamaged: (error) => told.push(error) });
    const page = await store.search({ ...EVERYTHING, order: 'newest', limit: 10_000 });
    expect(page.events).toHaveLength(20);
    expect(store.missingDays(EVERYTHING.range)).toEqual(['2026-11-21']);
    // Its events may be sent again, into a new file.
    expect(await store.bulk(dayEvents(1, 3))).toEqual({ created: 3, duplicates: 0, rejected: [] });
    expect(await store.count(EVERYTHING)).toBe(23);
    expect(told.map(({ code, details }) => [code, details['day']])).toEqual([
      ['EVENT_STORE_DAY_DAMAGED', '2026-11-21'],
    ]);
    expect(readdirSync(directory)).toContain('2026-11-21.duckdb.damaged');
    expect(await store.dropDaysBefore(Date.UTC(2026, 10, 21))).toEqual(['2026-11-20']);
    expect(store.missingDays(EVERYTHING.range)).toEqual(['2026-11-21']);
    expect(store.missingDays({ fromMs: Date.UTC(2026, 10, 22), toMs: Date.UTC(2026, 10, 23) })).toEqual([]);
    expect(await store.dropDaysBefore(Date.UTC(2026, 10, 22))).toEqual(['2026-11-21']);
    expect(readdirSync(directory).filter((name) => name.includes('damaged'))).toEqual([]);
    expect(store.missingDays(EVERYTHING.range)).toEqual([]);
    await store.close();
  });

  it('is found out by a writer as well', async () => {
    const first = await createDuckDbEventStore({ directory, clock });
    await first.bulk(dayEvents(0, 10));
    await first.close();
    writeFileSync(join(directory, '2026-11-22.duckdb'), 'x'.repeat(20_000));
    const told: FleetwallError[] = [];
    const store = await createDuckDbEventStore({ directory, clock, onDamaged: (error) => told.push(error) });
    expect(await store.bulk(dayEvents(0, 4))).toEqual({ created: 4, duplicates: 0, rejected: [] });
    expect(told).toHaveLength(1);
    await store.close();
  });
});

function overwrite(file: string, from: number, length: number): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(length, 0xa5), 0, length, from);
  closeSync(fd);
}

const mountPoint = mkdtempSync(join(tmpdir(), 'fleetwall-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [mountPoint]);
  rmdirSync(mountPoint);
});

(mounted ? describe : describe.skip)('a disk that is really full (needs the right to mount a tmpfs)', () => {
  // With little ballast a checkpoint fails first, with much a write to the log.
  it.each([1, 9])(
    'refuses bulks, keeps what it acknowledged, and goes on when there is space (%d MB of ballast)',
    async (megabytes) => {
      const ballast = join(mountPoint, 'ballast');
      const files = join(mountPoint, `store-${megabytes}`);
      writeFileSync(ballast, Buffer.alloc(megabytes * 1_000_000));
      const store = await createDuckDbEventStore({ directory: files, clock });
      const kept: string[] = [];
      let refused = 0;
      for (let i = 0; refused < 3; i++) {
        const events = dayEvents(0, 2_000, `group${i}`).map((event) => ({ ...event, 'labels.noise': noise(150) }));
        await store.bulk(events).then(
          () => kept.push(...events.map((event) => event['event.id'] as string)),
          (error) => {
            expect(error).toMatchObject({ code: 'EVENT_STORE_FAILED', retryable: true });
            refused++;
          },
        );
      }
      unlinkSync(ballast);
      await untilStored(store, dayEvents(0, 1, 'last'));
      await store.close();
      const again = await createDuckDbEventStore({ directory: files, clock });
      const stored = new Map<string, number>();
      for await (const event of again.scan({ ...EVERYTHING, order: 'oldest' })) {
        stored.set(event['event.id'] as string, (stored.get(event['event.id'] as string) ?? 0) + 1);
      }
      expect([...stored.values()].every((times) => times === 1)).toBe(true);
      expect(kept.filter((id) => !stored.has(id))).toEqual([]);
      await again.close();
      rmSync(files, { recursive: true });
    },
    120_000,
  );
});

function noise(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('');
}

/** Callers repeat a bulk that failed with a retryable error. */
async function untilStored(store: EventStore, events: FleetEvent[]): Promise<void> {
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    try {
      await store.bulk(events);
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
