import { SimpleWindows } from './simple-windows.js';
import type { Episode, ValuedAttempt, ValueEpisode, ValueWindows, WindowOptions } from './windows.js';

/** Windows of `value_count`: see `ValueWindows`. */
export function createValueWindows(options: WindowOptions): ValueWindows {
  const windows = new SimpleWindows<ValuedAttempt>(options, (all) => new Set(all.map((one) => one.value)).size);
  return {
    add: (key, attempt, nowMs) => windows.add(key, attempt, nowMs),
    episode: (key) => withValues(windows.episode(key)),
    standing: (key, who, fromMs, toMs) => windows.standing(key, who, fromMs, toMs),
    retract: (key, who, fromMs, toMs, nowMs) => {
      const retraction = windows.retract(key, who, fromMs, toMs, nowMs);
      const left = new Set(windows.episode(key)?.attempts.map((one) => one.value));
      const values = new Set((retraction.removed as ValuedAttempt[]).map((one) => one.value));
      return { ...retraction, cleared: [...values].filter((value) => !left.has(value)) };
    },
    expire: (nowMs) => windows.expire(nowMs).map((one) => withValues(one)),
    stats: () => windows.stats(),
    snapshot: () => windows.snapshot(),
    restore: (chunks) => windows.restore(chunks),
  };
}

function withValues<E extends Episode<ValuedAttempt> | undefined>(
  episode: E,
): E extends undefined ? undefined : ValueEpisode;
function withValues(episode: Episode<ValuedAttempt> | undefined): ValueEpisode | undefined {
  if (!episode) return undefined;
  const values: ValueEpisode['values'] = new Map();
  for (const { value, timeMs } of episode.attempts) {
    const known = values.get(value) ?? { count: 0, firstMs: timeMs, lastMs: timeMs };
    values.set(value, { count: known.count + 1, firstMs: known.firstMs, lastMs: timeMs });
  }
  return { ...episode, values };
}
