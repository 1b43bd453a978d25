import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

/** The parts of the collector's `Input` contract that the suite uses (testkit does not depend on the collector). */
export interface TestedLine {
  text: string;
  truncated: boolean;
  id: string;
}

export type TestedBookmarks = Record<string, { [name: string]: unknown }>;

export interface TestedBatch {
  lines: TestedLine[];
  bookmarks: Record<string, { [name: string]: unknown } | null>;
}

export interface TestedInput {
  // biome-ignore lint/suspicious/noExplicitAny: the bookmark type is the input's own; only JSON passes through here
  start(bookmarks: any, sink: (batch: any) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** One stream of bytes and inputs that read it from its start. */
export interface InputBench {
  /** A new input over the stream, as after a restart of the collector. */
  open(maxLineBytes: number): Promise<TestedInput>;
  /** The next bytes of the stream; resolves when they are there to be read. */
  write(bytes: Buffer): Promise<void>;
  remove(): Promise<void>;
}

export interface InputConformanceOptions {
  /** Whether the stream can be read again from a bookmark (a file can, a pipe cannot). */
  resumable: boolean;
}

const MAX_LINE_BYTES = 1024;
const DEADLINE_MS = 10_000;

/** What reading a stream must give: line by line, from the whole of it, without any cleverness. */
export function expectedLines(bytes: Buffer, maxLineBytes: number): { text: string; truncated: boolean }[] {
  const lines: { text: string; truncated: boolean }[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a) continue;
    let start = from;
    while (start < at && bytes[start] === 0) start++;
    const end = at > start && bytes[at - 1] === 0x0d ? at - 1 : at;
    const truncated = end - start > maxLineBytes;
    lines.push({ text: bytes.toString('utf8', start, truncated ? start + maxLineBytes : end), truncated });
    from = at + 1;
  }
  return lines;
}

/** Takes what an input gives, until it is told to stop. */
class Taker {
  readonly lines: TestedLine[] = [];
  readonly batches: TestedBatch[] = [];
  bookmarks: TestedBookmarks = {};

  constructor(private readonly input: TestedInput) {}

  async start(bookmarks: TestedBookmarks): Promise<void> {
    this.bookmarks = bookmarks;
    await this.input.start(bookmarks, async (batch: TestedBatch) => this.take(batch));
  }

  take(batch: TestedBatch): void {
    this.lines.push(...batch.lines);
    this.batches.push(batch);
    const next = { ...this.bookmarks };
    for (const [key, value] of Object.entries(batch.bookmarks)) {
      if (value === null) delete next[key];
      else next[key] = JSON.parse(JSON.stringify(value)) as TestedBookmarks[string];
    }
    this.bookmarks = next;
  }
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function onBench<T>(makeBench: () => Promise<InputBench>, use: (bench: InputBench) => Promise<T>): Promise<T> {
  const bench = await makeBench();
  try {
    return await use(bench);
  } finally {
    await bench.remove();
  }
}

/** Writes `pieces` one after the other while an input reads; the lines of all. */
async function readAll(bench: InputBench, pieces: Buffer[], count: number): Promise<TestedLine[]> {
  const input = await bench.open(MAX_LINE_BYTES);
  const taker = new Taker(input);
  try {
    await taker.start({});
    for (const piece of pieces) {
      await bench.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(
      () => taker.lines.length >= count,
      () => `${taker.lines.length} of ${count} lines`,
    );
    return taker.lines;
  } finally {
    await input.stop();
  }
}

/** Bytes as logs have them, and as they must not: line ends of both kinds, NULs, broken UTF-8, lines around the limit. */
const logBytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 2 * MAX_LINE_BYTES }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: MAX_LINE_BYTES - 2, max: MAX_LINE_BYTES + 2 }).map((length) => Buffer.alloc(length, 'x')),
      fc.integer({ min: 1, max: 2 * MAX_LINE_BYTES }).map((length) => Buffer.alloc(length)),
      fc.constantFrom('\n', '\r\n', '\r', '\n\n', 'é', '\u{1f600}').map((text) => Buffer.from(text)),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => Buffer.concat([...parts, Buffer.from('\n')]));

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends]
    .map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length))
    .filter(({ length }) => length > 0);
}

/** The contract of an input that reads lines out of a stream of bytes. */
export function inputConformance(
  name: string,
  makeBench: () => Promise<InputBench>,
  { resumable }: InputConformanceOptions,
): void {
  jest.setTimeout(60_000);
  describe(`input conformance: ${name}`, () => {
    framing(makeBench);
    handingOver(makeBench);
    (resumable ? describe : describe.skip)('from a bookmark (needs a stream that can be read again)', () => {
      resuming(makeBench);
    });
  });
}

function framing(makeBench: () => Promise<InputBench>): void {
  const cases: [string, Buffer][] = [
    ['plain lines', Buffer.from('a\nb\n')],
    ['both line ends', Buffer.from('a\r\nb\nc\r\r\n\r\n')],
    ['empty lines', Buffer.from('\n\na\n\n')],
    ['NULs before, in and after a line', Buffer.from('\0\0\0a\nb\0c\nd\0\n\0\n')],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x61, 0x0a, 0xc3, 0x28, 0x0a, 0xe2, 0x82, 0x0a])],
    ['a line of exactly the limit, and one byte more', Buffer.from(`${'x'.repeat(1024)}\n${'y'.repeat(1025)}\nnext\n`)],
    ['the limit with CRLF', Buffer.from(`${'x'.repeat(1024)}\r\n${'y'.repeat(1024)}\r${'z'.repeat(9)}\nnext\n`)],
    ['a line much longer than any buffer', Buffer.concat([Buffer.alloc(3_000_000, 'x'), Buffer.from('\nnext\n')])],
  ];
  for (const [what, bytes] of cases) {
    it(`frames ${what}`, async () => {
      const expected = expectedLines(bytes, MAX_LINE_BYTES);
      const lines = await onBench(makeBench, (bench) => readAll(bench, [bytes], expected.length));
      expect(lines.map(({ text, truncated }) => ({ text, truncated }))).toEqual(expected);
    });
  }

  it('gives the same lines and ids however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(logBytes, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, places) => {
        const expected = expectedLines(bytes, MAX_LINE_BYTES);
        await onBench(makeBench, async (bench) => {
          const lines = await readAll(bench, cut(bytes, places), expected.length);
          expect(lines.map(({ text, truncated }) => ({ text, truncated }))).toEqual(expected);
          expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
        });
      }),
      { numRuns: 40 },
    );
  });
}

function handingOver(makeBench: () => Promise<InputBench>): void {
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i} ${'x'.repeat(i % 50)}`);
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));

  it('waits for a slow sink, holds little meanwhile, and drops nothing', async () => {
    await onBench(makeBench, async (bench) => {
      const input = await bench.open(MAX_LINE_BYTES);
      const taken: string[] = [];
      let inSink = 0;
      let most = 0;
      let largest = 0;
      await input.start({}, async (batch: TestedBatch) => {
        most = Math.max(most, ++inSink);
        largest = Math.max(largest, batch.lines.length);
        await new Promise((resolve) => setTimeout(resolve, 10));
        taken.push(...batch.lines.map(({ text }) => text));
        inSink--;
      });
      try {
        await bench.write(bytes);
        await until(
          () => taken.length >= lines.length,
          () => `${taken.length} lines`,
        );
        expect(taken).toEqual(lines);
        expect(most).toBe(1);
        expect(largest).toBeLessThan(lines.length / 2);
      } finally {
        await input.stop();
      }
    });
  });

  it('hands a rejected batch over again, in order', async () => {
    await onBench(makeBench, async (bench) => {
      const input = await bench.open(MAX_LINE_BYTES);
      const taker = new Taker(input);
      let refusals = 0;
      await input.start({}, async (batch: TestedBatch) => {
        if (batch.lines.length > 0 && refusals < 2) {
          refusals++;
          throw new Error('the spool is full');
        }
        taker.take(batch);
      });
      try {
        await bench.write(bytes);
        await until(
          () => taker.lines.length >= lines.length,
          () => `${taker.lines.length} lines`,
        );
        expect(taker.lines.map(({ text }) => text)).toEqual(lines);
        expect(refusals).toBe(2);
      } finally {
        await input.stop();
      }
    });
  });

  it('stops only after the sink has answered, and gives nothing afterwards', async () => {
    await onBench(makeBench, async (bench) => {
      const input = await bench.open(MAX_LINE_BYTES);
      let answered = false;
      let calls = 0;
      let entered: () => void = () => {};
      const inSink = new Promise<void>((resolve) => {
        entered = resolve;
      });
      await input.start({}, async (batch: TestedBatch) => {
        if (batch.lines.length === 0) return;
        calls++;
        entered();
        await new Promise((resolve) => setTimeout(resolve, 100));
        answered = true;
      });
      await bench.write(bytes);
      await inSink;
      await input.stop();
      expect(answered).toBe(true);
      expect(calls).toBe(1);
      await input.stop();
    });
  });
}

function resuming(makeBench: () => Promise<InputBench>): void {
  it('goes on exactly behind any bookmark', async () => {
    await fc.assert(
      fc.asyncProperty(logBytes, logBytes, fc.array(fc.nat(), { maxLength: 6 }), async (first, second, places) => {
        const all = Buffer.concat([first, second]);
        const expected = expectedLines(all, MAX_LINE_BYTES);
        await onBench(makeBench, async (bench) => {
          const input = await bench.open(MAX_LINE_BYTES);
          const before = new Taker(input);
          await before.start({});
          const stops: { bookmarks: TestedBookmarks; lines: number }[] = [];
          for (const piece of cut(first, places)) {
            await bench.write(piece);
            await new Promise((resolve) => setTimeout(resolve, 1));
            stops.push({ bookmarks: before.bookmarks, lines: before.lines.length });
          }
          await input.stop();
          stops.push({ bookmarks: before.bookmarks, lines: before.lines.length });
          await bench.write(second);
          for (const { bookmarks, lines } of stops.filter((stop) => Object.keys(stop.bookmarks).length > 0)) {
            const again = await bench.open(MAX_LINE_BYTES);
            const after = new Taker(again);
            await after.start(bookmarks);
            await until(
              () => after.lines.length >= expected.length - lines,
              () => `${after.lines.length} lines after ${lines}`,
            );
            await again.stop();
            expect(after.lines.map(({ text }) => text)).toEqual(expected.slice(lines).map(({ text }) => text));
            const repeated = before.lines.slice(lines).map(({ id }) => id);
            expect(after.lines.slice(0, repeated.length).map(({ id }) => id)).toEqual(repeated);
          }
        });
      }),
      { numRuns: 25 },
    );
  });
}
