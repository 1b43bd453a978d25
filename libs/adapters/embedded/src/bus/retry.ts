const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tries until it succeeds or the signal aborts, with pauses that double up to 5 s. Answers whether it succeeded. Every
 * failure is told to `onError`.
 */
export async function retryUntilAborted(
  signal: AbortSignal,
  attempt: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<boolean> {
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      await attempt();
      return true;
    } catch (error) {
      onError(error);
    }
    await pause(pauseMs, signal);
  }
  return false;
}

/** Resolves after the time, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
