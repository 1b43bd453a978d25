import { describe, expect, it } from '@jest/globals';
import { FormatIndex } from './format-index.js';
import { LineParser } from './line-parser.js';
import type { LogFormat } from './log-format.js';
import { isUnparsed } from './source.js';

function format(name: string, begins: string | undefined, recognises = true): LogFormat & { asked: string[] } {
  const asked: string[] = [];
  return {
    name,
    begins,
    asked,
    recognises: (raw) => {
      asked.push(raw);
      return recognises;
    },
    open: () => () => undefined,
  };
}

describe('formats by what their lines begin with', () => {
  it.each([
    ['2026-11-22', 'digits'],
    ['Nov 22', 'letters'],
    ['[x', 'bracket'],
    ['a', 'any'],
    ['', 'any'],
    ['é', 'any'],
    ['\uff11', 'any'],
  ])('%j is first shown to %s', (raw, name) => {
    const index = new FormatIndex([
      format('digits', '0'),
      format('letters', 'A@'),
      format('bracket', '['),
      format('any', undefined),
    ]);
    expect(index.find(raw)?.name).toBe(name);
  });

  it('keep their order, and are not asked about lines that begin otherwise', () => {
    const first = format('first', '0[', false);
    const second = format('second', '[');
    const index = new FormatIndex([first, second]);
    for (const raw of ['[1', '1', 'A', ' ', '[2']) index.find(raw);
    expect(first.asked).toEqual(['[1', '1', '[2']);
    expect(second.asked).toEqual(['[1', '[2']);
  });
});

describe('a stream whose first known line comes late', () => {
  it('is read from that line on', () => {
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
    for (let i = 0; i < 100_000; i++) {
      const unknown = ['2026-11-22 07:00:00 job', '[job', 'job', 'Job', '{"job":'][i % 5];
      if (!isUnparsed(parser.parse(`${unknown} ${i}`))) throw new Error(`line ${i} is known`);
    }
    const known = 'Sun Nov 22 07:00:00 2026 [pid 3] [root] FAIL LOGIN: Client "198.51.100.7"';
    expect(parser.parse(known)).toMatchObject({ 'source.ip': '198.51.100.7', 'event.module': 'vsftpd' });
  });
});
