import type { EventStore, Query, TimeRange } from '@fleetwall/core';
import { sessionsOf } from '@fleetwall/detection';
import { isoIf } from '../api/iso.js';

const MOST_EVENTS = 2_000;
const MOST_SESSIONS = 50;
const MOST_ADDRESSES = 20;

const SUCCESS: Query = {
  type: 'and',
  of: [
    { type: 'term', field: 'event.category', value: 'authentication' },
    { type: 'term', field: 'event.outcome', value: 'success' },
  ],
};
/** Logons, and what systems and services say of sessions. */
const SESSIONS: Query = { type: 'or', of: [SUCCESS, { type: 'term', field: 'event.category', value: 'session' }] };

/** Where an account logged on from, and when it was connected where. */
export class AccountLogons {
  constructor(private readonly store: EventStore) {}

  /** @param query events of the account, within what the caller may see */
  async of(query: Query, range: TimeRange) {
    const [addresses, { events }] = await Promise.all([
      this.store.top({ query: both(query, SUCCESS), range, field: 'source.ip', limit: MOST_ADDRESSES }),
      this.store.search({ query: both(query, SESSIONS), range, order: 'newest', limit: MOST_EVENTS }),
    ]);
    const sessions = sessionsOf(events).slice(-MOST_SESSIONS).reverse();
    return {
      logons: addresses.map(({ value, count }) => ({ address: value, count })),
      sessions: sessions.map(({ host, address, fromMs, untilMs }) => ({
        host,
        ...isoIf('from', fromMs),
        ...isoIf('until', untilMs),
        ...(address === undefined ? {} : { address }),
      })),
    };
  }
}

function both(one: Query, other: Query): Query {
  return { type: 'and', of: [one, other] };
}
