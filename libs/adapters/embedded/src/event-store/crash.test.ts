import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { spawnTypeScript } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { createDuckDbEventStore } from './duckdb-event-store.js';

const WRITER = fileURLToPath(new URL('./crash-writer.mjs', import.meta.url));
const ROUNDS = 6;
const EVERYTHING = { query: { type: 'all' }, range: { fromMs: 0, toMs: Number.POSITIVE_INFINITY } } as const;

describe('a writer that is killed', () => {
  it('has stored every event it acknowledged, and none twice', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-crash-'));
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged.push(...(await writeUntilKilled(directory, `r${round}`, 200 + Math.random() * 800)));
    }
    const store = await createDuckDbEventStore({ directory });
    const stored: string[] = [];
    for await (const event of store.scan({ ...EVERYTHING, order: 'oldest' })) stored.push(event['event.id'] as string);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(new Set(stored).size).toBe(stored.length);
    expect(acknowledged.filter((id) => !new Set(stored).has(id))).toEqual([]);
    const again: FleetEvent[] = await store.byId(acknowledged.slice(-500));
    expect(await store.bulk(again)).toEqual({ created: 0, duplicates: again.length, rejected: [] });
    await store.close();
    rmSync(directory, { recursive: true });
  }, 120_000);
});

/** Ids acknowledged by a writer that is killed so long after its first acknowledgement. */
async function writeUntilKilled(directory: string, prefix: string, afterMs: number): Promise<string[]> {
  const writer = spawnTypeScript(WRITER, [directory, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  writer.stdout?.on('data', (data) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
    output += data;
  });
  await once(writer, 'close');
  const complete = output.slice(0, output.lastIndexOf('\n') + 1);
  return complete.split(/\s/).filter((id) => id !== '');
}
