const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** How long to wait after the n-th failure in a row (from 1): doubles, up to 5 s. */
export function pauseAfterMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
}

/** A sleep that ends early when `signal` does. */
export function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener('abort', end);
  });
}

/** Waits for the promise, but no longer than that; what it would have said comes too late then. */
export async function atMost(durationMs: number, promise: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  try {
    await Promise.race([promise, pause(durationMs, waiting.signal)]);
  } finally {
    waiting.abort();
  }
}

/** The promise, or a rejection as soon as `signal` aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
