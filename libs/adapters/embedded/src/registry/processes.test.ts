import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegistryChange } from '@fleetwall/core';
import { spawnTypeScript } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { createLmdbRegistry } from './lmdb-registry.js';

it('tells of what another process puts, and has all it acknowledged after it was killed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-registry-'));
  const registry = createLmdbRegistry({ directory });
  const told = new Map<string, RegistryChange>();
  let toldEnough = () => {};
  const enough = new Promise<void>((resolve) => {
    toldEnough = resolve;
  });
  registry.watch('c', (change) => {
    if (told.set(change.id, change).size === 20) toldEnough();
  });
  const entry = fileURLToPath(new URL('./crash-writer.mjs', import.meta.url));
  const writer = spawnTypeScript(entry, [directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  writer.stdout?.on('data', (data) => {
    output += data;
  });
  const closed = once(writer, 'close');
  try {
    await enough;
  } finally {
    writer.kill('SIGKILL');
    await closed;
  }
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  const acknowledged = lines.map((line) => line.split(' ') as [string, string]);
  for (const [id, version] of acknowledged) {
    expect(await registry.get('c', id)).toEqual({ id, version: Number(version), value: { i: Number(id.slice(2)) } });
  }
  // The lock of the dead process does not hold.
  await registry.put('c', 'after', 1, 0);
  expect(told.get('id3')).toMatchObject({ collection: 'c', id: 'id3', value: { i: 3 } });
  await registry.close();
  rmSync(directory, { recursive: true });
}, 60_000);
