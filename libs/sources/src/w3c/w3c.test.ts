import { describe, expect, it } from '@jest/globals';
import { WallClock } from '../time/wall-clock.js';
import { W3cColumns, type W3cValues } from './columns.js';
import { W3cStamps } from './stamp.js';

function columns(text: string): W3cColumns {
  return W3cColumns.of(text) as W3cColumns;
}

describe('W3cColumns', () => {
  it('reads the names, whatever the blanks and the case', () => {
    expect(columns('#Fields: date time c-ip cs(User-Agent) ').names).toEqual([
      'date',
      'time',
      'c-ip',
      'cs(user-agent)',
    ]);
    expect(columns('\uFEFF#Fields:   time   c-ip').names).toEqual(['time', 'c-ip']);
    expect(W3cColumns.of('#Date: 2026-11-22 07:00:00')).toBeUndefined();
    expect(W3cColumns.of(`#Fields: ${'x '.repeat(101)}`)).toBeUndefined();
  });

  it('wants a value for each of them', () => {
    const three = columns('#Fields: a b c');
    expect(three.split('1 - 3')?.get('c')).toBe('3');
    expect(three.split('1 - 3')?.get('b')).toBeUndefined();
    expect(three.split('1 - 3 ')?.get('c')).toBe('3');
    for (const line of ['', '1 2', '1 2 3 4', '1 2 3 4 ', '1  3', ' 1 2 3']) expect(three.split(line)).toBeUndefined();
  });
});

describe('W3cStamps', () => {
  const clock = new WallClock('America/New_York', { from: 2026 });
  const values = (fields: string, line: string) => columns(`#Fields: ${fields}`).split(line) as W3cValues;

  it('are UTC, whatever the zone of the host', () => {
    const read = new W3cStamps().read(clock, values('date time', '2026-11-22 07:00:00'));
    expect(new Date(read).toISOString()).toBe('2026-11-22T07:00:00.000Z');
    expect(new W3cStamps().read(clock, values('date time', '2026-13-22 07:00:00'))).toBe(-1);
    expect(new W3cStamps().read(clock, values('date time', '2026-11-22 7:00'))).toBe(-1);
  });

  it('of a log without dates have that of the last #Date:, and go on at midnight', () => {
    const stamps = new W3cStamps();
    const at = (time: string) => stamps.read(clock, values('time c-ip', `${time} 198.51.100.7`));
    expect(at('07:00:00')).toBe(-1);
    stamps.directive('#Date: 2026-11-22 23:59:00');
    expect(new Date(at('23:59:30')).toISOString()).toBe('2026-11-22T23:59:30.000Z');
    expect(new Date(at('00:00:10')).toISOString()).toBe('2026-11-23T00:00:10.000Z');
    expect(new Date(at('23:00:00')).toISOString()).toBe('2026-11-23T23:00:00.000Z');
  });
});
