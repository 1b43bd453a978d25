import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RoundRobin } from './round-robin.js';

describe('RoundRobin', () => {
  it('gives a lane that wakes its turn after at most one turn of each lane that never rests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }), async (atOnce, noisy) => {
        const order: number[] = [];
        const lanes = Array.from({ length: noisy + 1 }, (_, id) => ({ id }));
        const quiet = lanes[noisy]!;
        let wokenAt = -1;
        const turns = new RoundRobin<{ id: number }>(atOnce, async (lane) => {
          order.push(lane.id);
          if (order.length === 100) {
            wokenAt = order.length;
            turns.wake(quiet);
          }
          await null;
          return { more: lane !== quiet && order.length < 300, pauseMs: 0 };
        });
        for (const lane of lanes.slice(0, noisy)) turns.wake(lane);
        while (order.length < 300) await new Promise((resolve) => setImmediate(resolve));
        await turns.stop();
        expect(order.indexOf(noisy) - wokenAt).toBeLessThanOrEqual(noisy);
        expect(wokenAt).toBe(100);
      }),
    );
  });

  it('never runs a lane twice at a time, and gives it another turn when it wakes in one', async () => {
    let inside = 0;
    let turnsTaken = 0;
    const lane = {};
    const turns = new RoundRobin<object>(4, async () => {
      expect(++inside).toBe(1);
      turnsTaken++;
      if (turnsTaken === 1) {
        turns.wake(lane);
        turns.wake(lane);
      }
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      return { more: false, pauseMs: 0 };
    });
    turns.wake(lane);
    while (turnsTaken < 2 || inside > 0) await new Promise((resolve) => setImmediate(resolve));
    await turns.stop();
    expect(turnsTaken).toBe(2);
  });

  it('stops when the turns under way are over', async () => {
    let over = false;
    const turns = new RoundRobin<object>(1, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      over = true;
      return { more: true, pauseMs: 0 };
    });
    turns.wake({});
    turns.wake({});
    await turns.stop();
    expect(over).toBe(true);
  });
});
