import type { AlertChange } from '@fleetwall/core';
import { type AlertNews, alertNewsOf } from './news.js';

/** What blocks need to know of the alerts behind them. */
export type KnownAlert = Pick<AlertChange, 'version' | 'state' | 'tenant' | 'level' | 'title'>;

/** As many as the pipeline reads back when it begins. */
export const MOST_ALERTS = 50_000;

/**
 * The alerts of the log, read in its order: which change opens one, and which ends it. The same records give the same news,
 * whoever reads them. The alert that nothing was heard of for longest is forgotten first; heard of again, it is news again.
 */
export class AlertMemory {
  readonly #known = new Map<string, KnownAlert>();

  get(id: string): KnownAlert | undefined {
    return this.#known.get(id);
  }

  /** Undefined for what changes nothing that people need to be told, and for what was there before the first start. */
  take(change: AlertChange): AlertNews | undefined {
    const { id, version, state, tenant, level, title, history } = change;
    const before = this.#known.get(id);
    if (before && before.version >= version) return undefined;
    this.#known.delete(id);
    this.#known.set(id, { version, state, tenant, level, title });
    if (this.#known.size > MOST_ALERTS) this.#known.delete(this.#known.keys().next().value as string);
    if (history) return undefined;
    if (state === 'open') return before?.state === 'open' ? undefined : alertNewsOf('alert', change);
    return before?.state === 'open' ? alertNewsOf('alert-ended', change) : undefined;
  }
}
