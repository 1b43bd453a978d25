import type { EventStore, Query } from '@fleetwall/core';
import type { Found } from '../events/events.js';

const MOST_HOSTS = 1_000;
const MOST_COUNTRIES = 3;

/** The networks that most events come from, by what the indexer noted of their sources. */
export class TopNetworks {
  constructor(private readonly store: EventStore) {}

  async of(found: Found, limit: number) {
    const numbers = await this.store.top({ ...found, field: 'source.as.number', limit });
    return Promise.all(numbers.map(({ value, count }) => this.#network(found, Number(value), count)));
  }

  async #network({ query, range }: Found, asNumber: number, events: number) {
    const isOfNetwork: Query = { type: 'term', field: 'source.as.number', value: asNumber };
    const own = { query: { type: 'and', of: [query, isOfNetwork] } as Query, range };
    const [hosts, countries, names] = await Promise.all([
      this.store.top({ ...own, field: 'host.name', limit: MOST_HOSTS + 1 }),
      this.store.top({ ...own, field: 'source.geo.country_iso_code', limit: MOST_COUNTRIES }),
      this.store.top({ ...own, field: 'source.as.organization.name', limit: 1 }),
    ]);
    const [name] = names;
    return {
      asNumber,
      ...(name === undefined ? {} : { asName: name.value }),
      countries: countries.map(({ value }) => value),
      events,
      hosts: Math.min(hosts.length, MOST_HOSTS),
      isMore: hosts.length > MOST_HOSTS,
    };
  }
}
