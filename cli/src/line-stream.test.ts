import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINE_BYTES, readLines, type StreamLine } from './line-stream.js';

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Buffer, sizes: readonly number[] = [1 << 16]): Promise<StreamLine[]> {
  const lines: StreamLine[] = [];
  for await (const batch of readLines(pieces(bytes, sizes))) lines.push(...batch);
  return lines;
}

const texts = async (bytes: Buffer, sizes?: readonly number[]) => (await linesOf(bytes, sizes)).map(({ text }) => text);

describe('readLines', () => {
  it('tells every line, empty ones and an unfinished last one too, without \\r\\n', async () => {
    expect(await texts(Buffer.from('a\r\n\n\rb\nlast'))).toEqual(['a', '', '\rb', 'last']);
    expect(await texts(Buffer.from('a\n'))).toEqual(['a']);
    expect(await texts(Buffer.alloc(0))).toEqual([]);
  });

  it('gives the same lines however the bytes are cut, plain and gzip', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ü', '漢', '\r', ' ', '\0') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
          const expected = lines.map((text) => text.replace(/\r$/, ''));
          expect(await texts(bytes, sizes)).toEqual(expected);
          expect(await texts(gzipSync(bytes), sizes)).toEqual(expected);
        },
      ),
    );
  });

  it('cuts a line beyond the limit once, and reads the next one whole', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES);
    const bytes = Buffer.from(`${long}\n${long}y\n${long.repeat(5)}\nnext\n${long.repeat(3)}`);
    const lines = await linesOf(bytes, [10_000]);
    expect(lines.map(({ text, truncated }) => [text.length, truncated])).toEqual([
      [MAX_LINE_BYTES, false],
      [MAX_LINE_BYTES, true],
      [MAX_LINE_BYTES, true],
      [4, false],
      [MAX_LINE_BYTES, true],
    ]);
    expect(await linesOf(bytes, [1 << 20])).toEqual(lines);
  });

  it('fails on gzip that ends early, after the lines before', async () => {
    const whole = gzipSync(Buffer.from('a\n'.repeat(100_000)));
    await expect(linesOf(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
  });
});
