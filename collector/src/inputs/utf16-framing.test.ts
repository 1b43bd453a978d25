import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frameLines, newFraming, type OnFrame } from './framing.js';
import { beginsAsUtf16, UTF16 } from './utf16-framing.js';

const MAX = 64;

/** Frames of the text, its bytes handed over in pieces of these sizes. */
function framesOf(text: string, sizes: number[], maxLineBytes = MAX): [text: string, truncated: boolean][] {
  const bytes = Buffer.from(text, 'utf16le');
  const state = newFraming();
  const frames: [string, boolean][] = [];
  let begin = 0;
  for (let end = 0, i = 0; end < bytes.length; i++) {
    end = Math.min(bytes.length, end + (sizes[i % sizes.length] as number));
    const piece = bytes.subarray(begin, end);
    const onFrame: OnFrame = (from, to, truncated) => {
      frames.push([piece.toString('utf16le', from, to), truncated]);
    };
    begin += frameLines(piece, state, maxLineBytes, end === bytes.length, onFrame, UTF16);
  }
  return frames;
}

describe('lines of UTF-16', () => {
  it('end where a newline is, not where its bytes are', () => {
    const letters = '\u0a0a\u0a00\u010a\u0d0a\u000d\u0a0d';
    expect(framesOf(`\ufeffa${letters}b\r\n${letters}\n\nc`, [1_000])).toEqual([
      [`a${letters}b`, false],
      [letters, false],
      ['', false],
      ['c', false],
    ]);
  });

  it('are cut at a whole character, once', () => {
    const long = 'x'.repeat(100);
    expect(framesOf(`${long}\nb\n`, [1_000], 65)).toEqual([
      [long.slice(0, 32), true],
      ['b', false],
    ]);
    expect(framesOf(`${long}${long}\nb\n`, [10])).toEqual([
      [long.slice(0, 32), true],
      ['b', false],
    ]);
    const over = 'x'.repeat(33);
    expect(framesOf(over, [1_000])).toEqual([[over.slice(0, 32), true]]);
    expect(framesOf(`${over.slice(0, 32)}\r`, [1_000])).toEqual([[over.slice(0, 32), false]]);
  });

  it('come after a hole of any length, in time in proportion to it', () => {
    const growth = growthOf((length) => {
      const text = `${'\0'.repeat(length)}a\n`;
      return () => expect(framesOf(text, [1 << 21])).toEqual([['a', false]]);
    });
    expect(growth).toBeLessThan(IN_PROPORTION);
  });

  it('are the same in whatever pieces they come', () => {
    const line = fc.array(fc.constantFrom('a', '\u0a0a', '\u0a00', '\r', '\u010a', '\u{1f600}', '\0'), {
      maxLength: 20,
    });
    const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.map((letters) => letters.join('')).join('\n'));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), (all, sizes) => {
        expect(framesOf(all, sizes)).toEqual(framesOf(all, [10_000]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are those of a file that begins with its mark', () => {
    expect(beginsAsUtf16(Buffer.from('\ufeffa', 'utf16le'))).toBe(true);
    for (const head of ['', '\xff', 'abcd', '\xfe\xff\0a', '\xff\xfe', '\xff\xfe failed'])
      expect(beginsAsUtf16(Buffer.from(head, 'latin1'))).toBe(false);
  });
});
