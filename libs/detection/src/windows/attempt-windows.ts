import { SimpleWindows } from './simple-windows.js';
import type { AttemptWindows, WindowOptions } from './windows.js';

/** Windows of `event_count`: see `AttemptWindows`. */
export function createAttemptWindows(options: WindowOptions): AttemptWindows {
  return new SimpleWindows(options, (attempts) => attempts.length);
}
