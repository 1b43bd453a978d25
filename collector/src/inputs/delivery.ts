import type { InputStats, LineBatch, LineSink } from './input.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** Hands batches to the sink, again and again while it rejects them, and counts. */
export class Delivery {
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly sink: LineSink,
    private readonly stats: InputStats,
  ) {}

  /** Answers whether the batch was taken over; false only after {@link stop}. */
  async deliver(batch: LineBatch): Promise<boolean> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.stopping.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      const taking = this.take(batch);
      this.underWay.add(taking);
      const taken = await taking;
      this.underWay.delete(taking);
      if (taken) return true;
      this.stats.sinkFailures++;
      await pause(pauseMs, this.stopping.signal);
    }
    return false;
  }

  /** No new attempts; resolves when the sink has answered those under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.underWay);
  }

  private async take(batch: LineBatch): Promise<boolean> {
    try {
      await this.sink(batch);
    } catch {
      return false;
    }
    this.stats.batches++;
    this.stats.lines += batch.lines.length;
    for (const line of batch.lines) if (line.truncated) this.stats.truncatedLines++;
    return true;
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
