import { describe, expect, it } from '@jest/globals';
import type { Event } from '../api/types.js';
import { released, tailOf, withArrived } from './tail-rows.js';

const AT = '2026-11-22T07:00:10.000Z';
const event = (id: string, arrived = '2026-11-22T07:00:09.000Z') =>
  ({ 'event.id': id, 'event.ingested': arrived }) as unknown as Event;
const events = (ids: string) => ids.split(' ').map((id) => event(id));
const ids = (rows: readonly Event[]) => rows.map((each) => each['event.id']).join(' ');

describe('the rows of the live tail', () => {
  it('come on top, each once', () => {
    const tail = withArrived(tailOf(events('b a')), events('d c b'), AT, false);
    expect(ids(tail.rows)).toBe('d c b a');
    expect(ids(withArrived(tail, events('e d c'), AT, false).rows)).toBe('e d c b a');
  });

  it('wait while they are held, are counted, and come when they are let go', () => {
    const held = withArrived(withArrived(tailOf(events('a')), events('b'), AT, true), events('d c b'), AT, true);
    expect([ids(held.rows), held.waitingCount]).toEqual(['a', 3]);
    expect(ids(released(held).rows)).toBe('d c b a');
    expect(ids(withArrived(held, [], AT, false).rows)).toBe('d c b a');
  });

  it('are never more than a thousand, shown or waiting, and all are counted', () => {
    const many = Array.from({ length: 900 }, (_, i) => event(`x-${i}`));
    const more = Array.from({ length: 900 }, (_, i) => event(`y-${i}`));
    const held = withArrived(withArrived(tailOf(many), more, AT, true), events('z1 z2'), AT, true);
    expect([held.rows.length, held.waiting.length, held.waitingCount]).toEqual([900, 902, 902]);
    const shown = released(held);
    expect([shown.rows.length, ids(shown.rows.slice(0, 3)), shown.waitingCount]).toEqual([1_000, 'z1 z2 y-0', 0]);
    let tail = shown;
    for (let i = 0; i < 10; i++) {
      const next = Array.from({ length: 1_000 }, (_, j) => event(`${i}-${j}`));
      tail = withArrived(tail, next, AT, true);
    }
    expect([tail.waiting.length, tail.waitingCount, tail.known.size]).toEqual([1_000, 10_000, 5_000]);
  });

  it('tell how long the last ones took', () => {
    const came = [event('a', '2026-11-22T07:00:09.200Z'), event('b', '2026-11-22T07:00:09.900Z'), event('c', 'never')];
    expect(withArrived(tailOf([]), came, AT, false).delayMs).toBe(800);
    expect(withArrived(tailOf([]), [], AT, false).delayMs).toBeUndefined();
  });
});
