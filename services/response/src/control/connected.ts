import { canonicalAddress, contains, type EventStore, parseNetwork, type Query } from '@fleetwall/core';
import { type Session, sessionsOf } from '@fleetwall/detection';
import { controlError } from './errors.js';

/** A session for people: times in ISO 8601 UTC. */
export interface SessionAnswer {
  account: string;
  address?: string;
  host: string;
  from?: string;
  /** Absent while no end was told. */
  until?: string;
}

/** More events than this are no answer to who was connected, and too many to hold. */
const MAX_EVENTS = 200_000;

/** Logons that succeeded, and what systems and services say of sessions. */
const SESSION_EVENTS: Query = {
  type: 'or',
  of: [
    { type: 'term', field: 'event.category', value: 'session' },
    {
      type: 'and',
      of: [
        { type: 'term', field: 'event.category', value: 'authentication' },
        { type: 'not', of: { type: 'term', field: 'event.outcome', value: 'failure' } },
      ],
    },
  ],
};

/**
 * Who was connected when, the latest first: of an account, an address or a network. Throws TOO_MUCH_TO_SEARCH when there is
 * more in that time than can be looked at.
 *
 * @param who account name (whatever its case), address or network; undefined for everybody
 */
export async function connected(
  store: EventStore,
  who: string | undefined,
  fromMs: number,
  toMs: number,
): Promise<SessionAnswer[]> {
  const range = { fromMs, toMs };
  if ((await store.count({ query: SESSION_EVENTS, range })) > MAX_EVENTS) {
    throw controlError('TOO_MUCH_TO_SEARCH', { limit: MAX_EVENTS });
  }
  const events = [];
  for await (const event of store.scan({ query: SESSION_EVENTS, range, order: 'oldest' })) events.push(event);
  const isMeant = who === undefined ? () => true : meant(who);
  return sessionsOf(events).filter(isMeant).reverse().map(answerOf);
}

function meant(who: string): (session: Session) => boolean {
  const isAddress = canonicalAddress(who) !== undefined || /^[0-9a-f.:]+\/\d{1,3}$/i.test(who);
  if (!isAddress) return ({ account }) => account.toLowerCase() === who.toLowerCase();
  const network = parseNetwork(who);
  return ({ address }) => address !== undefined && contains(network, parseNetwork(address));
}

function answerOf({ account, address, host, fromMs, untilMs }: Session): SessionAnswer {
  return {
    account,
    ...(address !== undefined && { address }),
    host,
    ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
  };
}
