import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyBookmarks, type Bookmarks, type RawLine } from '../input.js';
import { FileTail } from './file-tail.js';

/**
 * Random sequences of what really happens to a log, on real files, with stops of the collector in between. Truncation happens only
 * when a copy was made just before or all was read: what is written between copy and truncation is lost to every reader.
 */
type Step =
  | { do: 'append'; lines: number; unfinished: boolean }
  | { do: 'rename' }
  | { do: 'late write' }
  | { do: 'copytruncate' }
  | { do: 'truncate when read' }
  | { do: 'delete when read' }
  | { do: 'gzip' }
  | { do: 'stop' }
  | { do: 'stop without taking' }
  | { do: 'start' }
  | { do: 'settle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      lines: fc.integer({ min: 1, max: 40 }),
      unfinished: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: 'rename' }, { do: 'copytruncate' }, { do: 'gzip' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>({ do: 'truncate when read' }, { do: 'delete when read' }, { do: 'late write' }),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom<Step>({ do: 'stop' }, { do: 'stop without taking' }, { do: 'start' }, { do: 'settle' }),
  },
);

class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-tail-'));
  readonly log = join(this.directory, 'app.log');
  readonly written: string[] = [];
  readonly taken: RawLine[] = [];
  bookmarks: Bookmarks = {};
  tail: FileTail | undefined;
  private taking = true;
  private unfinished = false;
  private renamed = false;
  private serial = 0;

  constructor(private readonly paths: string[]) {}

  async run(steps: Step[]): Promise<void> {
    writeFileSync(this.log, '');
    await this.start();
    for (const step of steps) await this.apply(step);
    this.finishLine();
    await this.settle();
    await this.tail!.stop();
  }

  private async apply(step: Step): Promise<void> {
    switch (step.do) {
      case 'append':
        for (let i = 0; i < step.lines; i++) this.append(`${this.nextLine()}\n`);
        if (step.unfinished) this.beginLine();
        break;
      case 'rename':
        this.finishLine();
        this.shift();
        if (existsSync(this.log)) renameSync(this.log, `${this.log}.1`);
        writeFileSync(this.log, '');
        this.renamed = true;
        break;
      case 'late write':
        // By a writer that still has the renamed file open; nobody writes to a copy.
        if (this.tail && this.renamed && existsSync(`${this.log}.1`))
          appendFileSync(`${this.log}.1`, `${this.nextLine()}\n`);
        break;
      case 'copytruncate':
        if (!existsSync(this.log)) break;
        this.finishLine();
        if (this.tail) await this.settle();
        this.shift();
        copyFileSync(this.log, `${this.log}.1`);
        truncateSync(this.log);
        this.renamed = false;
        break;
      case 'truncate when read':
        this.finishLine();
        await this.settle();
        if (existsSync(this.log)) truncateSync(this.log);
        break;
      case 'delete when read':
        this.finishLine();
        await this.settle();
        if (existsSync(this.log)) unlinkSync(this.log);
        break;
      case 'gzip':
        if (existsSync(`${this.log}.1`)) execFileSync('gzip', [`${this.log}.1`]);
        break;
      case 'start':
        await this.start();
        break;
      case 'settle':
        await this.settle();
        break;
      default:
        await this.stop(step.do === 'stop');
    }
  }

  private nextLine(): string {
    const line = `${this.serial++} ${'x'.repeat((this.serial * 37) % 90)}`;
    this.written.push(line);
    return line;
  }

  private append(text: string): void {
    appendFileSync(this.log, this.unfinished ? `\n${text}` : text);
    this.unfinished = false;
  }

  private beginLine(): void {
    appendFileSync(this.log, this.nextLine());
    this.unfinished = true;
  }

  private finishLine(): void {
    if (this.unfinished) appendFileSync(this.log, '\n');
    this.unfinished = false;
  }

  /** As logrotate numbers them: `.1` becomes `.2` and so on, compressed or not. */
  private shift(): void {
    for (let n = 30; n >= 1; n--) {
      for (const end of ['', '.gz']) {
        if (existsSync(`${this.log}.${n}${end}`)) renameSync(`${this.log}.${n}${end}`, `${this.log}.${n + 1}${end}`);
      }
    }
  }

  private async start(): Promise<void> {
    if (this.tail) return;
    this.taking = true;
    this.tail = new FileTail({ paths: this.paths.map((path) => join(this.directory, path)), maxOpenFiles: 2 });
    await this.tail.start(this.bookmarks, async (batch) => {
      if (!this.taking) throw new Error('not taken');
      this.taken.push(...batch.lines);
      this.bookmarks = applyBookmarks(this.bookmarks, JSON.parse(JSON.stringify(batch.bookmarks)));
    });
  }

  private async stop(taking: boolean): Promise<void> {
    this.taking = taking;
    await this.tail?.stop();
    this.tail = undefined;
  }

  private async settle(): Promise<void> {
    if (!this.taking) await this.stop(false);
    await this.start();
    const expected = this.written.length - (this.unfinished ? 1 : 0);
    const deadline = Date.now() + 10_000;
    while (this.taken.length < expected && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe('E04: a log through rotations and restarts', () => {
  for (const path of ['app.log', '*.log']) {
    it(`gives every line exactly once (${path})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
          const world = new World([path]);
          try {
            await world.run(steps);
            expect(world.taken.map(({ text }) => text).sort()).toEqual([...world.written].sort());
            expect(new Set(world.taken.map(({ id }) => id)).size).toBe(world.taken.length);
          } finally {
            await world.tail?.stop();
            world.remove();
          }
        }),
        {
          numRuns: Number(process.env.FLEETWALL_RUNS ?? 40),
          interruptAfterTimeLimit: 240_000,
        },
      );
    }, 300_000);
  }
});
