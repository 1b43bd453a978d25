import { describe, expect, it } from '@jest/globals';
import { SpoolSender } from './spool-sender.js';

const settle = () => new Promise((done) => setTimeout(done, 30));

/** A spool of so many events, read 500 at a time. */
function spoolOf(count: number) {
  const spool = {
    low: 0,
    get waiting() {
      return count - spool.low;
    },
    read: async (from: number, signal: AbortSignal) => {
      while (from >= count && !signal.aborted) await settle();
      const next = Math.min(count, from + 500);
      return { events: Array.from({ length: next - from }, (_, n) => `${from + n}`), next };
    },
    acknowledge: async (next: number) => {
      expect(next).toBeGreaterThan(spool.low);
      spool.low = next;
    },
  };
  return spool;
}

/** A centre whose answers a test gives. */
function centre() {
  const calls: { events: readonly string[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const send = ({ events }: { events: readonly string[] }) =>
    new Promise<void>((resolve, reject) => calls.push({ events, resolve, reject }));
  return { calls, send };
}

function run(spool: ReturnType<typeof spoolOf>, uplink: ReturnType<typeof centre>) {
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const sender = new SpoolSender({
    spool,
    uplink,
    onSent: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  const running = sender.run(stopping.signal);
  const stop = () => {
    stopping.abort();
    return running;
  };
  return { failures, stop };
}

describe('from the spool to the centre', () => {
  it('several full batches are under way, and acknowledged in their order', async () => {
    const [spool, uplink] = [spoolOf(6_000), centre()];
    const { stop } = run(spool, uplink);
    await settle();
    expect(uplink.calls).toHaveLength(8);
    uplink.calls[1]?.resolve();
    await settle();
    expect(spool.low).toBe(0);
    uplink.calls[0]?.resolve();
    await settle();
    expect(spool.low).toBe(1_000);
    expect(uplink.calls).toHaveLength(10);
    await stop();
  });

  it('a small batch waits for those before it', async () => {
    const [spool, uplink] = [spoolOf(700), centre()];
    const { stop } = run(spool, uplink);
    await settle();
    expect(uplink.calls).toHaveLength(1);
    uplink.calls[0]?.resolve();
    await settle();
    expect(uplink.calls[1]?.events).toHaveLength(200);
    await stop();
  });

  it('what failed is sent again with all that came after it', async () => {
    const [spool, uplink] = [spoolOf(2_000), centre()];
    const { failures, stop } = run(spool, uplink);
    await settle();
    uplink.calls[0]?.resolve();
    uplink.calls[1]?.reject(new Error('away'));
    uplink.calls[2]?.resolve();
    for (let waited = 0; uplink.calls.length < 6 && waited < 200; waited++) await settle();
    expect(failures).toHaveLength(1);
    expect(spool.low).toBe(500);
    expect(uplink.calls[4]?.events[0]).toBe('500');
    await stop();
  });

  it('stops at once, whatever is under way', async () => {
    const { stop } = run(spoolOf(2_000), centre());
    await settle();
    await stop();
  });
});
