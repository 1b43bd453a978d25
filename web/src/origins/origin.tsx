import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { keptSearch, type Search } from '../app/search.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import { useOrigin } from './origin-queries.js';
import styles from './origins.module.css';

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** A country by its code; its name on hover. */
export function Country({ code }: { code: string }) {
  return <span title={/^[A-Z]{2}$/.test(code) ? COUNTRIES.of(code) : undefined}>{code}</span>;
}

/** What stands beside an address where there is little room: `(AS64500, NL)`. */
export function BriefOrigin({ address }: { address: string }) {
  const { asNumber, asName, country, special } = useOrigin(address) ?? {};
  if (asNumber === undefined && country === undefined && special === undefined) return null;
  return (
    <span className={styles.brief}>
      {' ('}
      {asNumber !== undefined && <span title={asName}>AS{asNumber}</span>}
      {asNumber !== undefined && country !== undefined && ', '}
      {country !== undefined && <Country code={country} />}
      {asNumber === undefined && country === undefined && special})
    </span>
  );
}

/** All of it, each part with a link to its events: `AS64500 Example NL`. */
export function FullOrigin({ address, range, isLinked }: { address: string; range: Search; isLinked: boolean }) {
  const origin = useOrigin(address);
  if (!origin) return null;
  const { asNumber, asName, country, special } = origin;
  const linked = (field: string, value: string, shown: ReactNode) =>
    isLinked ? (
      <Link
        to="/events"
        search={(before: Search) => ({ ...keptSearch(before), ...range, q: conditionOf(field, value) })}
      >
        {shown}
      </Link>
    ) : (
      shown
    );
  return (
    <span className={styles.full}>
      {asNumber !== undefined && linked('source.as.number', String(asNumber), `AS${asNumber}`)}
      {asName !== undefined && <HostileText text={asName} />}
      {country !== undefined && linked('source.geo.country_iso_code', country, <Country code={country} />)}
      {special !== undefined && <span>{special} address</span>}
      {asNumber === undefined && country === undefined && special === undefined && <span>network unknown</span>}
    </span>
  );
}
