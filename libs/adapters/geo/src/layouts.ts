import type { Origin } from '@fleetwall/core';

/** A record of a database, as decoded: whatever its maker put there. */
export type Fields = Record<string, unknown>;

const MOST_NAME = 200;
const MOST_NUMBER = 4_294_967_295;
/** Codes that say of themselves that the country is not known. */
const NO_COUNTRY = new Set(['ZZ', 'XX']);

/**
 * What a record says, in the layouts that are in use:
 *
 *     MaxMind GeoLite2/GeoIP2 Country, City; DB-IP    country: { iso_code: "NL" }
 *     MaxMind GeoLite2 ASN, GeoIP2 ISP; DB-IP ASN     autonomous_system_number: 64500, autonomous_system_organization: "…"
 *     MaxMind GeoIP2 Enterprise                       the same in traits: { … }
 *     IPinfo Lite, Core                               country_code: "NL", country: "Netherlands", asn: "AS64500", as_name: "…"
 *     IPinfo Country ASN (before 2025)                country: "NL", country_name: "…", asn: "AS64500", as_name: "…"
 *     IPinfo ASN                                      asn: "AS64500", name: "…"
 *     ip-location-db                                  country_code: "NL"
 *     IPLocate                                        country_code: "NL"; asn: 64500, org or name: "…"
 *
 * Anything else, and what is no code, number or name, is not known.
 */
export function originOf(record: Fields): Origin {
  const traits = isFields(record['traits']) ? record['traits'] : {};
  const country = countryOf(record);
  const asNumber = numberOf(record['autonomous_system_number'] ?? traits['autonomous_system_number'] ?? record['asn']);
  const names = [record['autonomous_system_organization'], traits['autonomous_system_organization'], record['as_name']];
  // Beside a number only: elsewhere they may be the name of anything.
  const asName = asNumber === undefined ? undefined : nameOf([...names, record['org'], record['name']]);
  return {
    ...(country === undefined ? {} : { country }),
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(asName === undefined ? {} : { asName }),
  };
}

function countryOf(record: Fields): string | undefined {
  const { country } = record;
  const code = isFields(country) ? country['iso_code'] : (record['country_code'] ?? country);
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) && !NO_COUNTRY.has(code) ? code : undefined;
}

/** 64500, `64500` or `AS64500`. */
function numberOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const digits = typeof text === 'string' ? /^(?:AS)?([1-9]\d{0,9})$/.exec(text)?.[1] : undefined;
  const number = Number(digits);
  return number <= MOST_NUMBER ? number : undefined;
}

/** The first that is a text with something in it, cut to what people can read. */
export function nameOf(values: unknown[]): string | undefined {
  const name = values.find((value) => typeof value === 'string' && value.trim() !== '') as string | undefined;
  return name?.trim().slice(0, MOST_NAME);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
