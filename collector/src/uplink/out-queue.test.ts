import { gunzipSync } from 'node:zlib';
import { decodeBatchFrame, PROTOCOL_LIMITS, splitEvents } from '@fleetwall/protocol';
import { describe, expect, it } from '@jest/globals';
import { OutQueue } from './out-queue.js';

const WIDE = { batches: 8, bytes: 8 << 20 };
const settle = () => new Promise((done) => setTimeout(done, 50));

/** A connection that notes what is sent on it. */
function connection() {
  const frames: Buffer[] = [];
  const sent = () =>
    frames.map((frame) => {
      const batch = decodeBatchFrame(frame);
      const raw = batch.codec === 'gzip' ? gunzipSync(batch.payload) : batch.payload;
      return { sequence: batch.sequence, events: splitEvents(raw, batch) };
    });
  return { send: (frame: Buffer) => void frames.push(frame), sent };
}

describe('batches on their way', () => {
  it('are numbered from 1, acknowledged up to a number, and resolve in their order', async () => {
    const queue = new OutQueue(() => undefined);
    const { send, sent } = connection();
    const resolved: number[] = [];
    for (const n of [1, 2, 3]) void queue.push([`${n}`]).then(() => resolved.push(n));
    queue.attach(send, WIDE);
    await settle();
    expect(sent().map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(queue.acknowledge(2)).toBe(true);
    await settle();
    expect(resolved).toEqual([1, 2]);
    expect(queue.acknowledge(4)).toBe(false);
    expect(queue.length).toBe(1);
  });

  it('go again on the next connection when they were not acknowledged, from 1', async () => {
    const queue = new OutQueue(() => undefined);
    const [first, second] = [connection(), connection()];
    for (const n of [1, 2, 3]) queue.push([`{"n":${n}}`]).catch(() => undefined);
    queue.attach(first.send, WIDE);
    await settle();
    queue.acknowledge(1);
    queue.detach();
    queue.attach(second.send, WIDE);
    await settle();
    expect(second.sent()).toEqual([
      { sequence: 1, events: ['{"n":2}'] },
      { sequence: 2, events: ['{"n":3}'] },
    ]);
  });

  it('keep to the window: of batches and of bytes, but for one that is alone', async () => {
    const queue = new OutQueue(() => undefined);
    const { send, sent } = connection();
    for (const n of [1, 2, 3]) queue.push([`${n}`.repeat(1_000)]).catch(() => undefined);
    queue.attach(send, { batches: 8, bytes: 1_500 });
    await settle();
    expect(sent()).toHaveLength(1);
    queue.acknowledge(1);
    await settle();
    expect(sent()).toHaveLength(2);
    queue.setWindow({ batches: 1, bytes: 1 << 20 });
    await settle();
    expect(sent()).toHaveLength(2);
    queue.setWindow(WIDE);
    await settle();
    expect(sent()).toHaveLength(3);
  });

  it('are cut to what a message carries; an event that none carries is told of and passed over', async () => {
    const tooLarge: string[] = [];
    const queue = new OutQueue(({ code }) => tooLarge.push(code));
    const { send, sent } = connection();
    queue.attach(send, { batches: 100, bytes: 100 << 20 });
    const half = 'x'.repeat(PROTOCOL_LIMITS.frameBytes / 2);
    const done = queue.push([half, half, 'y'.repeat(PROTOCOL_LIMITS.batchBytes), half]);
    await settle();
    for (let waited = 0; sent().length < 3 && waited < 100; waited++) await settle();
    expect(sent().map(({ events }) => events.length)).toEqual([1, 1, 1]);
    expect(tooLarge).toEqual(['BATCH_TOO_LARGE']);
    queue.acknowledge(3);
    await done;
  });

  it('are rejected when the uplink is closed, before and after', async () => {
    const queue = new OutQueue(() => undefined);
    const waiting = queue.push(['{}']);
    queue.close();
    await expect(waiting).rejects.toMatchObject({ code: 'UPLINK_CLOSED' });
    await expect(queue.push(['{}'])).rejects.toMatchObject({ code: 'UPLINK_CLOSED' });
  });
});
