import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CollectorPipeline, FileTail, Spool } from '@fleetwall/collector';
import { decodeEvent, type FleetEvent } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { R, V } from './chain.js';

const MAX_LINE_BYTES = 65_536;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-hostile-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a collector makes of a file that is there at its first start, and what its input counted. */
async function collect(bytes: Buffer, lines: number) {
  const path = join(directory, 'auth.log');
  writeFileSync(path, bytes);
  const events: FleetEvent[] = [];
  const files = new FileTail({ paths: [path], maxLineBytes: MAX_LINE_BYTES });
  const spool = { directory: join(directory, 'spool'), maxBytes: 1 << 30, maxAgeMs: 86_400_000 };
  const collector = new CollectorPipeline({
    agentId: 'agent',
    seed: [1, 2, 3],
    host: 'web-01',
    zone: 'UTC',
    inputs: [files],
    spool: await Spool.open({ ...spool, onReport: () => undefined }),
    uplink: {
      send: async (batch) => void events.push(...batch.events.map(decodeEvent)),
      onBlocks: () => undefined,
      report: async () => undefined,
      close: async () => undefined,
    },
    clock: Date.now,
    maxCpuShare: 1,
    onError: (error) => {
      throw error;
    },
  });
  await collector.start();
  for (const endMs = Date.now() + 20_000; collector.stats.lines < lines && Date.now() < endMs; )
    await new Promise((done) => setTimeout(done, 10));
  await collector.stop();
  return { events, stats: files.stats(), unparsed: collector.reader.unparsed.totals() };
}

const head = (n: number) => `2026-11-22T07:00:0${n}Z web-01 sshd[${n}]: Invalid user `;
const tail = ` from ${R} port 4022`;
const plain = (n: number) => `${head(n)}x${tail}\n`;

describe('A22: what is no proper line', () => {
  it('is cut with a mark, counted, and the next line is whole', async () => {
    const exact = `${head(1)}${'y'.repeat(MAX_LINE_BYTES - head(1).length - tail.length)}${tail}`;
    const longer = `${head(2)}${'y'.repeat(MAX_LINE_BYTES - head(2).length - tail.length + 1)}${tail}`;
    const bytes = Buffer.concat([
      Buffer.from(plain(0)),
      Buffer.alloc(16 << 20, 'z'),
      Buffer.from(`\n${exact}\n${longer}\n`),
      Buffer.from(`${head(3)}a\0b${tail}\n`),
      Buffer.from(head(4)),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`${tail}\n${plain(5)}`),
    ]);
    const { events, stats, unparsed } = await collect(bytes, 7);
    const shown = events.map((event) => [event['process.pid'], event['source.ip'], event['fleetwall.truncated']]);
    expect(shown).toEqual([
      [0, R, undefined],
      // Whole here, and yet longer than what relays cut to: nobody can tell that its end is where it was written.
      [1, undefined, undefined],
      [2, undefined, true],
      [3, R, undefined],
      [4, R, undefined],
      [5, R, undefined],
    ]);
    expect(events.find((event) => event['process.pid'] === 1)?.['event.original']).toHaveLength(MAX_LINE_BYTES);
    expect(events.find((event) => event['process.pid'] === 3)?.['user.name']).toBe('a\0b');
    expect(events.find((event) => event['process.pid'] === 4)?.['user.name']).toBe('\ufffd\ufffd');
    expect(stats).toMatchObject({ lines: 7, truncatedLines: 2 });
    expect([...unparsed.values()].reduce((sum, n) => sum + n, 0) + events.length).toBe(7);
  });

  it('names no victim, wherever in the name the cut falls', async () => {
    const name = ` from ${V} port 22`;
    const lines = Array.from({ length: 40 }, (_, n) => {
      const start = head(n % 10);
      return `${start}${'y'.repeat(MAX_LINE_BYTES - start.length - name.length + n - 20)}${name}${tail}\n`;
    });
    const { events } = await collect(Buffer.from(lines.join('')), 40);
    expect(events.length).toBeGreaterThan(20);
    expect(new Set(events.map((event) => event['source.ip']))).toEqual(new Set([undefined]));
  });
});
