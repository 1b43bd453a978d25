import type { OriginSource } from '@fleetwall/core';

export const DB_IP: OriginSource = { name: 'IP Geolocation by DB-IP', url: 'https://db-ip.com' };
export const NRO: OriginSource = { name: 'NRO', url: 'https://www.nro.net' };
export const ROUTE_VIEWS: OriginSource = { name: 'RouteViews', url: 'https://www.routeviews.org' };

/** How the types of databases begin, and who wants to be named for them. */
const MAKERS: readonly (readonly [RegExp, OriginSource])[] = [
  [/^geo(lite2|ip2)/i, { name: 'MaxMind', url: 'https://www.maxmind.com' }],
  [/^dbip/i, DB_IP],
  [/^ipinfo/i, { name: 'IPinfo', url: 'https://ipinfo.io' }],
  [/^iplocate/i, { name: 'IPLocate', url: 'https://www.iplocate.io' }],
];

/** The maker of a database by the type it gives itself; none where it is not known. */
export function makerOf(databaseType: unknown): OriginSource[] {
  const type = String(databaseType).trim();
  return MAKERS.filter(([beginning]) => beginning.test(type)).map(([, maker]) => maker);
}
