import { durationText } from './duration.js';
import type { Output } from './output.js';

const BAR_WIDTH = 24;
const EVERY_MS = 100;

/** A bar with percent, speed and time left, on standard error and only when a person looks at it. */
export class Progress {
  readonly #output: Output;
  readonly #what: string;
  readonly #startMs: number;
  #shownMs = 0;

  constructor(output: Output, what: string, nowMs = performance.now()) {
    this.#output = output;
    this.#what = what;
    this.#startMs = nowMs;
  }

  update(doneBytes: number, totalBytes: number, nowMs = performance.now()): void {
    if (!this.#output.isWatched || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    this.#output.status(progressText(this.#what, doneBytes, totalBytes, nowMs - this.#startMs));
  }

  end(): void {
    this.#output.status('');
  }
}

/** `replay  [######------]  50 %  35.0 MB/s  12 s left`. */
export function progressText(what: string, doneBytes: number, totalBytes: number, elapsedMs: number): string {
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  if (elapsedMs <= 0 || doneBytes <= 0) return `${what}  [${bar}] ${percent}`;
  const speed = `${(doneBytes / 1e3 / elapsedMs).toFixed(1)} MB/s`;
  const leftMs = (elapsedMs / doneBytes) * Math.max(0, totalBytes - doneBytes);
  return `${what}  [${bar}] ${percent}  ${speed}  ${durationText(leftMs)} left`;
}
