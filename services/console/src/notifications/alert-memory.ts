import type { AlertChange } from '@fleetwall/core';
import { type AlertNews, alertNewsOf } from './news.js';

/** What blocks need to know of the alerts behind them. */
export interface KnownAlert extends Pick<AlertChange, 'version' | 'tenant' | 'level' | 'title'> {
  /** It was news that it opened, and it has not ended since. */
  isTold: boolean;
}

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

  /** Undefined for what people need not be told, such as what old lines alone tell of. */
  take(change: AlertChange): AlertNews | undefined {
    const { id, version, state, tenant, level, title, history } = change;
    const before = this.#known.get(id);
    if (before && before.version >= version) return undefined;
    this.#known.delete(id);
    const wasTold = before?.isTold === true;
    const isTold = state === 'open' && (wasTold || !history);
    this.#known.set(id, { version, tenant, level, title, isTold });
    if (this.#known.size > MOST_ALERTS) this.#known.delete(this.#known.keys().next().value as string);
    if (isTold === wasTold) return undefined;
    return alertNewsOf(isTold ? 'alert' : 'alert-ended', change);
  }
}
