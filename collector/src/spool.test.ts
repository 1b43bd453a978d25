import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeEvent, type FleetEvent } from '@fleetwall/core';
import type { LogReport } from '@fleetwall/embedded';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Spool, type SpoolState } from './spool.js';

let directory: string;
let spool: Spool;
let reports: LogReport[];

async function open(maxBytes = 1 << 30): Promise<void> {
  reports = [];
  spool = await Spool.open({ directory, maxBytes, maxAgeMs: 86_400_000, onReport: (report) => reports.push(report) });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-spool-'));
  await open();
});
afterEach(async () => {
  await spool.close();
  rmSync(directory, { recursive: true, force: true });
});

const event = (n: number, original = `line ${n}`): FleetEvent => ({
  '@timestamp': Date.UTC(2026, 10, 22) + n,
  'event.id': `agent-${n}`,
  'event.original': original,
  'event.kind': 'event',
  'event.module': 'sshd',
  'event.category': ['authentication'],
  'event.type': ['start'],
  'event.action': 'ssh-logon-failed',
  'host.name': 'web-01',
  'process.name': 'sshd',
  'fleetwall.evidence': 'handshake',
});
const state = (at: number): SpoolState => ({ bookmarks: { files: { log: { at } } }, assembler: '{}' });
const read = async (from: number) => spool.read(from, AbortSignal.timeout(5_000));
const idsOf = (events: readonly string[]) => events.map((json) => decodeEvent(json)['event.id']);

it('gives back in order what was appended, as it was', async () => {
  const hostile = event(2, 'a\x1b]0;t\x07\u202e\ufffd\0"\\');
  await spool.append([event(1), hostile], state(2));
  const { events, next } = await read(spool.low);
  expect(events.map(decodeEvent)).toEqual([event(1), hostile]);
  expect(next).toBe(spool.low + 2);
});

it('answers batches of bounded size', async () => {
  await spool.append(
    Array.from({ length: 2_500 }, (_, n) => event(n)),
    undefined,
  );
  const sizes: number[] = [];
  for (let from = spool.low; from < spool.low + spool.waiting; ) {
    const { events, next } = await read(from);
    sizes.push(events.length);
    from = next;
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(2_500);
});

it('waits for what comes, and answers nothing when the wait is ended', async () => {
  const waiting = read(spool.low);
  await spool.append([event(1)], undefined);
  expect(idsOf((await waiting).events)).toEqual(['agent-1']);
  expect((await spool.read(spool.low + 1, AbortSignal.timeout(20))).events).toEqual([]);
});

it('E01: has after a restart what was not acknowledged, and the last state', async () => {
  await spool.append([event(1), event(2), event(3)], state(3));
  await spool.append([event(4)], undefined);
  await spool.acknowledge(spool.low + 2);
  expect(spool.waiting).toBe(2);
  await spool.append([], state(4));
  await spool.close();
  await open();
  expect(spool.state).toEqual(state(4));
  expect(idsOf((await read(spool.low)).events)).toEqual(['agent-3', 'agent-4']);
});

it('keeps to its bytes and a segment: the oldest go first, counted, and reading goes on behind them', async () => {
  await spool.close();
  await open(40 << 20);
  const bulk = 'x'.repeat(60_000);
  for (let n = 0; n < 1_200; n += 100) {
    await spool.append(
      Array.from({ length: 100 }, (_, i) => event(n + i, bulk)),
      undefined,
    );
  }
  expect(spool.bytes).toBeLessThanOrEqual((40 + 16) << 20);
  const counted = () => reports.reduce((sum, report) => sum + (report.type === 'expired' ? report.records : 0), 0);
  // A segment is told of once its file is gone, after what it held cannot be read any more.
  for (const endMs = Date.now() + 10_000; counted() !== 1_200 - spool.waiting && Date.now() < endMs; ) await delay(10);
  const lost = counted();
  expect(lost).toBe(1_200 - spool.waiting);
  expect(lost).toBeGreaterThan(0);
  expect(idsOf((await read(0)).events)[0]).toBe(`agent-${lost}`);
});
