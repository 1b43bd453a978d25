import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { AsTable } from './as-table.js';
import { geoError } from './errors.js';
import { DB_IP, NRO, ROUTE_VIEWS } from './makers.js';
import { MmdbTable } from './mmdb-table.js';
import type { OriginTable } from './table.js';

const { resolve } = createRequire(import.meta.url);

/**
 * The tables that come with Fleetwall, from packages that hold data and nothing else. Both are of June 2026, the last that
 * their maker published there; whoever needs newer ones names databases of their own. Licences: docs/addresses.md.
 * Throws GEO_FILE_UNREADABLE or GEO_FILE_DAMAGED.
 */
export async function openShippedTables(): Promise<OriginTable[]> {
  const countries = mmdbOf(await readData('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));
  const ipv4 = await readData('@ip-location-db/asn/asn-ipv4-num.csv');
  const ipv6 = await readData('@ip-location-db/asn/asn-ipv6-num.csv');
  return [
    { sources: [NRO], find: (network, address) => countries.find(network, address) },
    new AsTable(ipv4.bytes, ipv6.bytes, [DB_IP, ROUTE_VIEWS, NRO]),
  ];
}

async function readData(name: string) {
  try {
    const path = resolve(name);
    return { path, bytes: await readFile(path) };
  } catch (error) {
    throw geoError('GEO_FILE_UNREADABLE', { path: name, reason: (error as Error).message }, { cause: error });
  }
}

/** Throws GEO_FILE_DAMAGED. */
export function mmdbOf({ path, bytes }: { path: string; bytes: Buffer }): MmdbTable {
  try {
    return new MmdbTable(bytes);
  } catch (error) {
    throw geoError('GEO_FILE_DAMAGED', { path, reason: (error as Error).message }, { cause: error });
  }
}
