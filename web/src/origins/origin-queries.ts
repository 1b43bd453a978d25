import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import type { Origin } from '../api/types.js';
import type { Range } from '../app/range.js';
import { gathered } from './gathered.js';

/** Tables change rarely. */
const KEPT_MS = 600_000;
const MOST_AT_ONCE = 100;
const NAMES_KEPT_MS = 3_600_000;

/** Failed attempts to log on, each once, as Overview counts them. */
export const FAILED = 'event.outcome:failure AND fleetwall.attempt.role:attempt';

const originOf = gathered<Origin>(async (addresses) => {
  const { origins } = await answer(api.GET('/origins', { params: { query: { addresses: addresses.join() } } }));
  const told = new Map(origins.map((origin) => [origin.address, origin]));
  return addresses.map((address) => told.get(address) ?? { address });
}, MOST_AT_ONCE);

/** Country and network of an address; absent until it is known. */
export function useOrigin(address: string) {
  return useQuery({ queryKey: ['origin', address], queryFn: () => originOf(address), staleTime: KEPT_MS }).data;
}

/** Who made the tables. */
export function useOriginSources() {
  return useQuery({
    queryKey: ['origin-sources'],
    queryFn: ({ signal }) => answer(api.GET('/origins', { signal })),
    staleTime: KEPT_MS,
  }).data?.sources;
}

/** Asks the DNS, where that is allowed: only for what somebody opened. */
export function useNames(address: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['names', address],
    queryFn: ({ signal }) => answer(api.GET('/addresses/{address}/names', { params: { path: { address } }, signal })),
    staleTime: NAMES_KEPT_MS,
    refetchOnWindowFocus: false,
    enabled: isWanted,
  });
}

/** The networks that most failed attempts came from. */
export function useTopNetworks(range: Range) {
  return useQuery({
    queryKey: ['networks', range],
    queryFn: ({ signal }) =>
      answer(api.GET('/origins/networks', { params: { query: { ...range, query: FAILED } }, signal })),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
}

/** The countries that most failed attempts came from. */
export function useTopCountries(range: Range) {
  return useQuery({
    queryKey: ['countries', range],
    queryFn: ({ signal }) => {
      const query = { ...range, query: FAILED, field: 'source.geo.country_iso_code', limit: 10 };
      return answer(api.GET('/events/top', { params: { query }, signal }));
    },
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
}
