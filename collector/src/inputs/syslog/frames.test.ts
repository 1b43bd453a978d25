import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FramingError, frameMessages, newFrameState } from './frames.js';

const MAX = 1024;

/** What the stream gives when it arrives in such pieces: the messages, and whether it was one of syslog to its end. */
function framed(pieces: readonly Buffer[]): { messages: string[]; broken: boolean } {
  const state = newFrameState();
  const messages: string[] = [];
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (const [i, piece] of [...pieces, Buffer.alloc(0)].entries()) {
      const bytes = Buffer.concat([rest, piece]);
      const consumed = frameMessages(bytes, state, MAX, i === pieces.length, (start, end, truncated) => {
        messages.push(bytes.toString('latin1', start, end) + (truncated ? '…' : ''));
      });
      rest = bytes.subarray(consumed);
    }
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    return { messages, broken: true };
  }
  return { messages, broken: false };
}

const READ: [what: string, stream: string, messages: string[]][] = [
  ['lines', '<13>a\n<13>b\r\n', ['<13>a', '<13>b']],
  ['counted messages', '5 <13>a6 <13>bc', ['<13>a', '<13>bc']],
  ['both, one after the other', '<13>a\n5 <13>b<13>c\n', ['<13>a', '<13>b', '<13>c']],
  ['a counted message with a line feed at its end, or in it', '6 <13>a\n7 <13>a\nb', ['<13>a', '<13>a\nb']],
  ['a line that nobody ended', '<13>a', ['<13>a']],
  [
    'a line of more than the limit, and the next',
    `<13>${'x'.repeat(3_000)}\n<13>b\n`,
    [`<13>${'x'.repeat(1020)}…`, '<13>b'],
  ],
  [
    'a counted message of more than the limit, and the next',
    `3004 <13>${'x'.repeat(3_000)}5 <13>b`,
    [`<13>${'x'.repeat(1020)}…`, '<13>b'],
  ],
  [
    'A20: a message that ends as Solaris begins them',
    '<13>sshd: [ID 0 auth.notice]\n<13>b\n',
    ['<13>sshd: [ID 0 auth.notice]', '<13>b'],
  ],
  ['nothing but line ends and NULs between messages', '\n\0\r\n<13>a\n\n', ['<13>a']],
];

const BROKEN = [
  '99999999999 <13>x',
  '0 ',
  '-1 x',
  'GET / HTTP/1.1\r\n',
  '99999999 <13>x',
  '5x<13>a',
  '07 <13>abc',
  '5 hello',
  '\x16\x03\x01',
];

describe('messages in a stream', () => {
  it.each(READ)('are read: %s', (_, stream, messages) => {
    expect(framed([Buffer.from(stream)])).toEqual({ messages, broken: false });
  });

  it.each(BROKEN)('A20: %j is none; what came before it counts', (stream) => {
    expect(framed([Buffer.from(stream)])).toEqual({ messages: [], broken: true });
    expect(framed([Buffer.from(`<13>a\n${stream}`)])).toEqual({ messages: ['<13>a'], broken: true });
  });

  it('are the same however the bytes arrive', () => {
    const text = fc.oneof(fc.string({ maxLength: 40 }), fc.constant('x'.repeat(1_500)));
    const message = text.map((body) => `<13>${body.replace(/[\n\r\0]/g, ' ').trimEnd()}.`);
    const frame = fc.tuple(message, fc.boolean()).map(([body, isCounted]) => {
      return isCounted ? `${Buffer.byteLength(body)} ${body}` : `${body}\n`;
    });
    const stream = fc.array(fc.oneof({ weight: 9, arbitrary: frame }, fc.constantFrom(...BROKEN)), { maxLength: 8 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 10 }), (frames, places) => {
        const bytes = Buffer.from(frames.join(''));
        const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
        expect(framed(pieces)).toEqual(framed([bytes]));
      }),
      { numRuns: 500 },
    );
  });
});
