import { describe, expect, it } from '@jest/globals';
import { readAsctimeStamp, readClfStamp, readDatedStamp } from './stamps.js';
import { WallClock } from './wall-clock.js';

type Reader = (clock: WallClock, text: string, start: number) => number;

/** What stands in `text` behind two characters, as ISO 8601, and the rest of the text. */
function read(reader: Reader, text: string, zone = 'UTC'): [time: string, rest: string] | undefined {
  const clock = new WallClock(zone, { from: 2026 });
  const time = reader(clock, `x ${text}`, 2);
  return time < 0 ? undefined : [new Date(time).toISOString(), `x ${text}`.slice(clock.end)];
}

describe('stamps of logs without a syslog header', () => {
  it('are read as the Common Log Format writes them, by their own offset', () => {
    expect(read(readClfStamp, '22/Nov/2026:07:00:09 +0000]', 'Europe/Prague')).toEqual([
      '2026-11-22T07:00:09.000Z',
      ']',
    ]);
    expect(read(readClfStamp, '01/Jan/2027:00:30:00 +0530] ')).toEqual(['2026-12-31T19:00:00.000Z', '] ']);
    expect(read(readClfStamp, '22/Nov/2026:07:00:09 -0330')).toEqual(['2026-11-22T10:30:09.000Z', '']);
    for (const text of ['22/Nov/2026:07:00:09', '22/Foo/2026:07:00:09 +0000', '32/Nov/2026:07:00:09 +0000', '']) {
      expect(read(readClfStamp, text)).toBeUndefined();
    }
  });

  it('are read with a date in front, in the zone of the stream', () => {
    expect(read(readDatedStamp, '2026/11/22 07:00:00 [error]', 'Europe/Prague')).toEqual([
      '2026-11-22T06:00:00.000Z',
      ' [error]',
    ]);
    expect(read(readDatedStamp, '2026-11-22 07:00:00,12 x')).toEqual(['2026-11-22T07:00:00.120Z', ' x']);
    expect(read(readDatedStamp, '2026-11-22T07:00:00.123456 x')).toEqual(['2026-11-22T07:00:00.123Z', ' x']);
    for (const text of ['2026/11-22 07:00:00', '2026/13/22 07:00:00', '2026/11/22 24:00:00', '2026/11/22']) {
      expect(read(readDatedStamp, text)).toBeUndefined();
    }
  });

  it('are read as asctime writes them, with or without a fraction', () => {
    expect(read(readAsctimeStamp, 'Sun Nov 22 07:00:00 2026 [pid 3]')).toEqual([
      '2026-11-22T07:00:00.000Z',
      ' [pid 3]',
    ]);
    expect(read(readAsctimeStamp, 'Sun Nov  2 07:00:00.123456 2026]')).toEqual(['2026-11-02T07:00:00.123Z', ']']);
    for (const text of ['Sun Nov 22 07:00:00', 'Sun Nov 22 07:00:00 x026', 'Sun Nox 22 07:00:00 2026']) {
      expect(read(readAsctimeStamp, text)).toBeUndefined();
    }
  });
});
