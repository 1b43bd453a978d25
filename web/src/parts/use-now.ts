import { useSyncExternalStore } from 'react';

const STEP_MS = 10_000;
let nowMs = Date.now();
const readers = new Set<() => void>();

setInterval(() => {
  nowMs = Date.now();
  for (const read of readers) read();
}, STEP_MS);

/** The time, one for the whole page; moves on every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

function subscribe(read: () => void): () => void {
  readers.add(read);
  return () => readers.delete(read);
}
