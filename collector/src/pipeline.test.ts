import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEvent, type FleetEvent } from '@fleetwall/core';
import type { EventBatch, Uplink } from '@fleetwall/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventIds } from './event-ids.js';
import { type Bookmarks, emptyStats, type Input, type LineSink, type RawLine } from './inputs/input.js';
import { CollectorPipeline } from './pipeline.js';
import { Spool } from './spool.js';

const T = Date.UTC(2026, 10, 22, 12);

/** Line `n` of a log that is always there: an endless file. */
function lineOf(stream: string, n: number): RawLine {
  const text = `${new Date(T + n * 10).toISOString()} web-01 sshd[${n}]: Failed password for root from 198.51.100.7 port ${1_024 + (n % 60_000)} ssh2`;
  return { text, truncated: false, id: `${stream}-${n}`, stream, history: false, readMs: T };
}

/** Reads the endless log up to where a test lets it, a batch at a time; what the sink rejects comes again. */
class EndlessInput implements Input {
  readonly finished = Promise.resolve();
  readonly name: string;
  limit = 0;
  at = 0;
  #isStopping = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(
    name = 'endless',
    private readonly batchLines = 100,
  ) {
    this.name = name;
  }

  async start(bookmarks: Bookmarks, sink: LineSink): Promise<void> {
    this.at = Number(bookmarks['log']?.['at'] ?? 0);
    this.#reading = this.#read(sink);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#reading;
  }

  stats() {
    return emptyStats();
  }

  async #read(sink: LineSink): Promise<void> {
    while (!this.#isStopping) {
      const next = Math.min(this.limit, this.at + this.batchLines);
      const lines = Array.from({ length: next - this.at }, (_, i) => lineOf(this.name, this.at + i));
      const isTaken =
        lines.length > 0 &&
        (await sink({ lines, bookmarks: { log: { at: next } } }).then(
          () => true,
          () => false,
        ));
      if (isTaken) this.at = next;
      else await new Promise((done) => setTimeout(done, 5));
    }
  }
}

/** A centre that is away, takes, or takes and loses its answer, as a test says. */
class Centre implements Uplink {
  mode: 'takes' | 'away' | 'answer lost' = 'takes';
  readonly events: FleetEvent[] = [];
  readonly batches: EventBatch[] = [];

  async send(batch: EventBatch): Promise<void> {
    if (this.mode === 'away') throw new Error('the centre is away');
    this.batches.push(batch);
    this.events.push(...batch.events.map(decodeEvent));
    if (this.mode === 'answer lost') throw new Error('the answer was lost');
  }

  onBlocks(): void {}

  async report(): Promise<void> {}

  async close(): Promise<void> {}

  /** Each once, in the order in which they came first. */
  ids(): string[] {
    return [...new Set(this.events.map((event) => event['event.id'] as string))];
  }
}

const SEED = [1, 2, 3];
const eventIds = new EventIds('agent', SEED);
const idsOf = (count: number, stream = 'endless') =>
  Array.from({ length: count }, (_, n) => eventIds.of(`${stream}-${n}`));
/** What the ids of a stream's lines begin with. */
const beginningOf = (stream: string) => eventIds.of(`${stream}-0`).slice(0, -'0-0011223344556677'.length);

async function until(what: string, isTrue: () => boolean, withinMs = 30_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !isTrue(); await new Promise((done) => setTimeout(done, 5))) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-pipeline-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const openSpool = (at = join(directory, 'spool')) =>
  Spool.open({ directory: at, maxBytes: 1 << 30, maxAgeMs: 86_400_000, onReport: () => undefined });

async function collect(inputs: Input[], uplink: Uplink, spool?: Spool, clock = Date.now): Promise<CollectorPipeline> {
  const collector = new CollectorPipeline({
    agentId: 'agent',
    seed: SEED,
    host: 'web-01',
    zone: 'UTC',
    inputs,
    spool: spool ?? (await openSpool()),
    uplink,
    clock,
    maxCpuShare: 1,
    onError: () => undefined,
  });
  await collector.start();
  return collector;
}

describe('the way to the centre', () => {
  it('brings every event once, in order, and empties the spool', async () => {
    const input = new EndlessInput();
    const centre = new Centre();
    const spool = await openSpool();
    const collector = await collect([input], centre, spool);
    input.limit = 2_500;
    await until('all', () => collector.stats.sent === 2_500);
    expect(centre.events.map((event) => event['event.id'])).toEqual(idsOf(2_500));
    expect(centre.batches.map(({ sequence }) => sequence)).toEqual(centre.batches.map((_, i) => i + 1));
    expect(spool.waiting).toBe(0);
    await collector.stop();
    expect(collector.stats).toMatchObject({ lines: 2_500, events: 2_500, sent: 2_500, sendFailures: 0 });
  });

  it('E06: loses nothing and keeps the order while the centre goes away and comes back', async () => {
    const input = new EndlessInput();
    const centre = new Centre();
    const collector = await collect([input], centre);
    for (const [round, mode] of (['takes', 'away', 'answer lost', 'away', 'takes'] as const).entries()) {
      centre.mode = mode;
      input.limit += 300;
      await until('the lines to be read', () => input.at === input.limit);
      const failures = collector.stats.sendFailures;
      if (mode === 'takes') await until('all', () => centre.ids().length === input.limit);
      else await until(`failure ${round}`, () => collector.stats.sendFailures > failures);
    }
    expect(centre.ids()).toEqual(idsOf(1_500));
    await collector.stop();
  });

  it('goes on after a restart with what the centre has not acknowledged', async () => {
    const centre = new Centre();
    centre.mode = 'away';
    const first = new EndlessInput();
    const collector = await collect([first], centre);
    first.limit = 500;
    await until('the lines to be read', () => first.at === 500);
    await collector.stop(50);
    centre.mode = 'takes';
    const second = new EndlessInput();
    second.limit = 700;
    const again = await collect([second], centre);
    await until('all', () => centre.ids().length === 700);
    await again.stop();
    expect(centre.events.map((event) => event['event.id'])).toEqual(idsOf(700));
  });
});

describe('E07: a spool that fills faster than it empties', () => {
  it('makes reading wait, noise first, drops nothing, and lets the service stop', async () => {
    const centre = new Centre();
    centre.mode = 'away';
    const begin = () => [new EndlessInput('noisy', 1_000), new EndlessInput('quiet', 200)] as const;
    const inputs = begin();
    const spool = await openSpool();
    const collector = await collect([...inputs], centre, spool);
    const [noisy, quiet] = inputs;
    noisy.limit = 4_000;
    await until('noise to wait', () => spool.waiting > 2_000);
    quiet.limit = 52_000;
    await until('all reading to wait', () => spool.waiting > 50_000);
    const heldAt = inputs.map(({ at }) => at);
    await new Promise((done) => setTimeout(done, 200));
    expect(inputs.map(({ at }) => at)).toEqual(heldAt);
    expect(noisy.at).toBeLessThanOrEqual(3_000);
    expect(spool.waiting).toBeLessThanOrEqual(51_000);
    await collector.stop(50);

    centre.mode = 'takes';
    const fresh = begin();
    fresh[0].limit = 4_000;
    fresh[1].limit = 52_000;
    const again = await collect([...fresh], centre);
    await until('all', () => centre.events.length >= 56_000);
    await again.stop();
    const ids = centre.ids();
    expect(ids.filter((id) => id.startsWith(beginningOf('noisy')))).toEqual(idsOf(4_000, 'noisy'));
    expect(ids.filter((id) => id.startsWith(beginningOf('quiet')))).toEqual(idsOf(52_000, 'quiet'));
  }, 90_000);
});

describe('what is stored', () => {
  it('E01: lets a collector that was killed at any moment go on without a gap', async () => {
    const input = new EndlessInput('endless', 20);
    const centre = new Centre();
    const collector = await collect([input], centre);
    input.limit = 100_000;
    for (let crash = 0; crash < 8; crash++) {
      await new Promise((done) => setTimeout(done, 150 + 130 * crash));
      const acknowledged = centre.ids().length;
      const copy = join(directory, `crash-${crash}`);
      cpSync(join(directory, 'spool'), copy, { recursive: true });
      for (const name of readdirSync(copy)) if (name.includes('lock')) rmSync(join(copy, name));
      const spool = await openSpool(copy);
      const resumed = new EndlessInput('endless', 20);
      const later = new Centre();
      const again = await collect([resumed], later, spool);
      const from = resumed.at;
      resumed.limit = from + 100;
      await until('the rest', () => resumed.at === resumed.limit && spool.waiting === 0);
      await again.stop();
      const ids = new Set([...idsOf(acknowledged), ...later.ids()]);
      expect([...ids].filter((_, n) => !ids.has(eventIds.of(`endless-${n}`)))).toEqual([]);
      expect(ids.size).toBeGreaterThanOrEqual(from + 100);
    }
    input.limit = 0;
    await collector.stop();
  }, 60_000);

  it('E03: never says that a batch was taken whose events the disk refused', async () => {
    const real = await openSpool();
    let states = 0;
    const ahead = new Set<string>();
    const durable = new Set<string>();
    let failing = 0;
    let disk: Promise<unknown> = Promise.resolve();
    /** One after another, as the log writes: what waits behind a refused append is tried by itself. */
    const appendSlowly: Spool['append'] = (events, state) => {
      const asOfNow = structuredClone(state);
      const appended = disk.then(() => appendNow(events, asOfNow));
      disk = appended.catch(() => undefined);
      return appended;
    };
    const appendNow: Spool['append'] = async (events, state) => {
      await new Promise((done) => setTimeout(done, 5));
      if (failing > 0 && events[0]?.['event.id']?.startsWith(beginningOf('a'))) {
        failing--;
        throw new Error('EIO');
      }
      await real.append(events, state);
      for (const event of events) durable.add(event['event.id'] as string);
      if (!state) return;
      states++;
      for (const [name, bookmarks] of Object.entries(state.bookmarks)) {
        const covered = idsOf(Number(bookmarks['log']?.['at'] ?? 0), name);
        for (const id of covered) if (!durable.has(id)) ahead.add(id);
      }
    };
    const spool = new Proxy(real, {
      get: (target, name) => {
        if (name === 'append') return appendSlowly;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const inputs = [new EndlessInput('a', 10), new EndlessInput('b', 10), new EndlessInput('c', 10)];
    const centre = new Centre();
    // So much time passes that a state is due with every batch.
    let nowMs = T;
    const collector = await collect(inputs, centre, spool, () => {
      nowMs += 1_000;
      return nowMs;
    });
    for (const input of inputs) input.limit = 600;
    const refuse = setInterval(() => {
      failing = 1;
    }, 50);
    await until('all', () => inputs.every(({ at }) => at === 600));
    clearInterval(refuse);
    await collector.stop();
    expect(states).toBeGreaterThan(2);
    expect([...ahead]).toEqual([]);
    expect(new Set(centre.ids())).toEqual(new Set(['a', 'b', 'c'].flatMap((name) => idsOf(600, name))));
  }, 60_000);
});
