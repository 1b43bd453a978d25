import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Range } from '../app/range.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import top from '../parts/top.module.css';
import { Country } from './origin.js';
import { FAILED, useTopCountries, useTopNetworks } from './origin-queries.js';
import styles from './origins.module.css';

/** Where failed attempts come from: `AS64500 Example NL  412 attempts  31 hosts`. */
export function TopNetworks({ range }: { range: Range }) {
  const asked = useTopNetworks(range);
  const networks = asked.data?.networks ?? [];
  return (
    <Panel title="Top networks" isEmpty={asked.data?.networks.length === 0} asked={asked}>
      {networks.map(({ asNumber, asName, countries, events, hosts, isMore }) => (
        <Row
          key={asNumber}
          query={`${conditionOf('source.as.number', String(asNumber))} AND ${FAILED}`}
          range={range}
          share={events / (networks[0]?.events ?? 1)}
          count={`${countOf(events, 'attempt')}, ${isMore ? 'more than ' : ''}${countOf(hosts, 'host')}`}
        >
          AS{asNumber} {asName !== undefined && <HostileText text={asName} />}{' '}
          {countries.map((code, i) => (
            <span key={code}>
              {i > 0 && ', '}
              <Country code={code} />
            </span>
          ))}
        </Row>
      ))}
    </Panel>
  );
}

export function TopCountries({ range }: { range: Range }) {
  const asked = useTopCountries(range);
  const values = asked.data?.values ?? [];
  return (
    <Panel title="Top countries" isEmpty={asked.data?.values.length === 0} asked={asked}>
      {values.map(({ value, count }) => (
        <Row
          key={value}
          query={`${conditionOf('source.geo.country_iso_code', value)} AND ${FAILED}`}
          range={range}
          share={count / (values[0]?.count ?? 1)}
          count={countOf(count, 'attempt')}
        >
          <Country code={value} />
        </Row>
      ))}
    </Panel>
  );
}

interface PanelProps {
  title: string;
  /** Undefined while nothing is known. */
  isEmpty: boolean | undefined;
  asked: Parameters<typeof Asked>[0]['asked'];
  children: ReactNode;
}

function Panel({ title, isEmpty, asked, children }: PanelProps) {
  return (
    <section className={page.panel} aria-label={title}>
      <h2>{title}</h2>
      <Asked asked={asked}>
        {children}
        {isEmpty && <span className={page.note}>None known in the range.</span>}
      </Asked>
    </section>
  );
}

interface RowProps {
  /** Finds exactly what is counted. */
  query: string;
  range: Range;
  /** Of the first row, 0 to 1. */
  share: number;
  count: string;
  children: ReactNode;
}

function Row({ query, range, share, count, children }: RowProps) {
  return (
    <div className={top.row}>
      <span className={top.value}>{children}</span>
      <Link to="/events" search={{ ...range, q: query }} className={`${top.count} ${styles.count}`}>
        {count}
      </Link>
      <span className={top.bar} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
