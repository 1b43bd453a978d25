import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, Home } from '@fleetwall/config';
import type { FleetEvent } from '@fleetwall/core';
import type { Uplink } from '@fleetwall/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openAgent } from './agent.js';
import { NameMemory } from './name-memory.js';
import { Spool } from './spool.js';

describe('an agent', () => {
  let home: Home;
  beforeEach(() => {
    home = new Home(mkdtempSync(join(tmpdir(), 'fleetwall-agent-')));
  });
  afterEach(() => rmSync(home.directory, { recursive: true, force: true }));

  it('E02: tells the centre of a gap, when part of the spool is damaged', async () => {
    const options = { directory: home.spool, maxBytes: 1 << 30, maxAgeMs: 86_400_000, onReport: () => undefined };
    const before = await Spool.open(options);
    for (const original of ['first', 'second', 'third']) await before.append([eventOf(original)], undefined);
    await before.close();
    const segment = readdirSync(home.spool, { recursive: true, withFileTypes: true }).find((entry) => {
      return entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes('second');
    });
    const path = join(segment?.parentPath ?? '', segment?.name ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('second')] = 'S'.charCodeAt(0);
    writeFileSync(path, bytes);

    const sent: FleetEvent[] = [];
    const uplink: Uplink = {
      send: async ({ events }) => {
        for (const json of events) sent.push(JSON.parse(json) as FleetEvent);
      },
      onBlocks: () => undefined,
      report: async () => undefined,
      close: async () => undefined,
    };
    const config = configSchema.parse({
      collector: { files: [join(home.directory, 'none.log')], journald: false },
      firewall: 'dry-run',
    });
    const reports: string[] = [];
    const agent = await openAgent({
      config,
      home,
      uplink,
      names: NameMemory.open({ config, home, onError: () => undefined }),
      clock: Date.now,
      onError: (error) => reports.push(String(error)),
      onNotice: () => undefined,
      onSpoolReport: ({ type }) => reports.push(type),
    });
    await agent.collector.start();
    await agent.collector.stop();
    expect(reports).toContain('damaged');
    expect(sent.map((event) => event['event.original']).slice(0, 2)).toEqual(['first', 'third']);
    expect(sent.at(-1)).toMatchObject({ 'event.action': 'spool-gap', 'event.original': expect.stringMatching(/lost/) });
  });
});

function eventOf(original: string): FleetEvent {
  return {
    '@timestamp': Date.now(),
    'event.original': original,
    'event.id': original,
    'event.kind': 'event',
    'event.module': 'test',
    'event.category': ['authentication'],
    'event.type': ['info'],
    'event.action': 'test',
    'host.name': 'web-01',
    'process.name': 'test',
    'fleetwall.evidence': 'handshake',
  };
}
