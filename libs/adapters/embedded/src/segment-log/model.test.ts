import { readFile, writeFile } from 'node:fs/promises';
import { type DiskFault, hostileFiles } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeFiles } from './files.js';
import { HEADER_BYTES, PREAMBLE_BYTES } from './frame.js';
import type { SegmentLog } from './segment-log.js';
import { readFrom, record, TemporaryLog } from './temporary-log.test-support.js';

/**
 * The log against an array: any run of appends, reads, trims, reopens, crashes and disk faults. Nothing acknowledged is
 * lost, nothing is invented, and the order stays. An append that was refused is nowhere, but may come back with a crash
 * (its bytes were on the disk), then in its place.
 */
type Step =
  | { do: 'append'; sizes: number[][]; withState: boolean }
  | { do: 'read'; from: number; count: number; bytes: number }
  | { do: 'trim'; part: number }
  | { do: 'reopen' }
  | { do: 'crash'; torn: number }
  | { do: 'fault'; method: string; code: DiskFault; times: number };

const METHODS = ['open', 'write', 'sync', 'truncate', 'rename', 'syncDirectory', 'close'];
const sizes = fc.oneof({ weight: 5, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(40_000) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      sizes: fc.array(fc.array(sizes, { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
      withState: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      from: fc.nat(100),
      count: fc.integer({ min: 1, max: 20 }),
      bytes: fc.nat(50_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), part: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), torn: fc.nat(300) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      method: fc.constantFrom(...METHODS),
      code: fc.constantFrom<DiskFault>('ENOSPC', 'EIO', 'EROFS'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

class Run {
  private log!: SegmentLog;
  private readonly hostile = hostileFiles(nodeFiles);
  private counter = 0;
  /** What each offset holds; undefined where a frame was cut whose header told that it would be there. */
  private values: (string | undefined)[] = [];
  private state: string | undefined;
  /** Refused since the last open, in order: value, or the state that went with them. */
  private refused: { values: string[]; state: string | undefined }[] = [];

  private constructor(private readonly temporary: TemporaryLog) {}

  static async begin(): Promise<Run> {
    const run = new Run(await TemporaryLog.create({ segmentBytes: 3_000, isLocked: true }));
    await run.open();
    return run;
  }

  private async open(): Promise<void> {
    this.hostile.fault = () => undefined;
    this.log = await this.temporary.open({ files: this.hostile.files });
  }

  async end(): Promise<void> {
    await this.crash(0);
    await this.log.close();
    await this.temporary.remove();
  }

  async take(taken: Step): Promise<void> {
    if (taken.do === 'append') await this.append(taken.sizes, taken.withState);
    else if (taken.do === 'read') await this.read(taken.from, taken.count, taken.bytes);
    else if (taken.do === 'trim') await this.trim(taken.part);
    else if (taken.do === 'reopen') await this.reopen();
    else if (taken.do === 'crash') await this.crash(taken.torn);
    else {
      let left = taken.times;
      this.hostile.fault = (method) => (method === taken.method && left-- > 0 ? taken.code : undefined);
    }
  }

  /** Several appends at once; those that resolve hold the next offsets in the order of calls. */
  private async append(all: number[][], withState: boolean): Promise<void> {
    const batches = all.map((lengths) => lengths.map((length) => `${this.counter++}:`.padEnd(length, 'x')));
    const states = batches.map(() => (withState ? `state ${this.counter++}` : undefined));
    const results = await Promise.allSettled(
      batches.map((values, i) =>
        this.log.append(
          values.map((v) => record(v)),
          states[i] ? Buffer.from(states[i]) : undefined,
        ),
      ),
    );
    results.forEach((result, i) => {
      const values = batches[i] as string[];
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ code: 'LOG_WRITE_FAILED', retryable: true });
        this.refused.push({ values, state: states[i] });
        return;
      }
      expect(result.value).toBe(this.values.length);
      this.values.push(...values);
      this.state = states[i] ?? this.state;
      // Written over by what was acknowledged after it.
      if (values.length > 0 || states[i]) this.refused = [];
    });
    expect([this.log.next, this.log.state?.toString()]).toEqual([this.values.length, this.state]);
  }

  private async read(fromPart: number, count: number, bytes: number): Promise<void> {
    const from = Math.floor((this.values.length * fromPart) / 100);
    const attempt = await this.log.read(from, count, bytes).catch((error) => {
      expect(error).toMatchObject({ code: 'LOG_READ_FAILED' });
      return undefined;
    });
    if (!attempt) return;
    const start = Math.max(from, this.log.low);
    const there = this.present(start);
    const read = attempt.records.map(({ offset, value }) => ({ offset, value: value.toString() }));
    expect(brief(read)).toEqual(brief(there.slice(0, read.length)));
    expect(read.length > 0).toBe(there.length > 0);
  }

  private async trim(part: number): Promise<void> {
    const offset = Math.floor((this.values.length * part) / 100);
    await this.log.trimBefore(offset).catch((error) => expect(error).toMatchObject({ code: 'LOG_WRITE_FAILED' }));
    expect(this.log.low).toBeGreaterThanOrEqual(offset);
  }

  private async reopen(): Promise<void> {
    await this.log.close();
    await this.open();
    await this.checkAll();
  }

  /** The process is gone without closing, in the middle of writing `torn` bytes of a next append. */
  private async crash(torn: number): Promise<void> {
    const [path] = (await this.temporary.segments()).slice(-1);
    if (torn > 0 && this.refused.length === 0) {
      const bytes = await readFile(path as string);
      const piece = Buffer.from(bytes.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + torn));
      piece.fill(7, Math.min(torn, HEADER_BYTES + 1) - 1);
      await writeFile(path as string, Buffer.concat([bytes, piece]));
    }
    await this.open();
    await this.checkAll();
  }

  private present(from: number): { offset: number; value: string }[] {
    return this.values.flatMap((value, offset) => (value !== undefined && offset >= from ? [{ offset, value }] : []));
  }

  private async checkAll(): Promise<void> {
    const read = await readFrom(this.log);
    const back = read.filter(({ offset }) => offset >= this.values.length).map(({ value }) => value);
    const candidates = this.refused.flatMap(({ values }) => values);
    let at = -1;
    for (const value of back) {
      at = candidates.indexOf(value, at + 1);
      expect(at).toBeGreaterThanOrEqual(0);
    }
    expect(this.log.next).toBeLessThanOrEqual(this.values.length + candidates.length);
    for (const { offset, value } of read) this.values[offset] ??= value;
    this.values.length = this.log.next;
    expect(brief(read)).toEqual(brief(this.present(this.log.low)));
    const states = [this.state, ...this.refused.map(({ state }) => state)];
    expect(states).toContain(this.log.state?.toString());
    this.state = this.log.state?.toString();
    this.refused = [];
  }
}

/** Values begin with their number; short, so that a counterexample can be read. */
function brief(records: { offset: number; value: string }[]): string[] {
  return records.map(({ offset, value }) => `${offset}=${value.slice(0, 5)}(${value.length})`);
}

describe('the log is an array that survives', () => {
  it('any run of appends, reads, trims, reopens, crashes and disk faults', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const run = await Run.begin();
        for (const taken of steps) await run.take(taken);
        await run.end();
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('flipped bits lose the frames they hit and nothing else', async () => {
    const flips = fc.array(fc.record({ segment: fc.nat(20), at: fc.nat(10_000), bit: fc.nat(7) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { minLength: 20, maxLength: 60 }), flips, async (lengths, flipped) => {
        const temporary = await TemporaryLog.create({ segmentBytes: 2_000 });
        const log = await temporary.open();
        const values = lengths.map((length, i) => `${i}:`.padEnd(length, 'x'));
        for (const value of values) await log.append([record(value)]);
        await log.close();
        for (const { segment, at, bit } of flipped) {
          const files = await temporary.segments();
          await temporary.rewrite(segment % files.length, (bytes) => {
            const copy = Buffer.from(bytes);
            copy[at % copy.length] = (copy[at % copy.length] as number) ^ (1 << bit);
            return copy;
          });
        }
        const again = await temporary.open();
        const read = await readFrom(again);
        for (const { offset, value } of read) expect(value).toBe(values[offset]);
        const offsets = read.map(({ offset }) => offset);
        expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
        expect(read.length).toBeGreaterThanOrEqual(values.length - flipped.length);
        await again.close();
        await temporary.remove();
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
