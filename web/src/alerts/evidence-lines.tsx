import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { AlertInFull } from '../api/types.js';
import { type Search, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { RawLine } from '../events/line.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';
import styles from './alerts.module.css';

/** The lines that made the rule fire, then the latest; raw or parsed. */
export function EvidenceLines({ alert, range }: { alert: AlertInFull; range: Search }) {
  const [search, change] = useSearchState();
  const isParsed = search.view === 'parsed';
  const flip = () => change({ view: isParsed ? '' : 'parsed' }, false);
  useKeys({ v: flip });
  const lines = alert.evidence.flatMap(({ events }) => events);
  const gone = alert.evidence.filter(({ events }) => events.length === 0).length;
  const key = Object.entries(alert.key)[0];
  return (
    <section className={page.panel} aria-label="Evidence">
      <div className={page.head}>
        <h2>Evidence, {countOf(lines.length, 'line')}</h2>
        {gone > 0 && (
          <span className={page.note}>Missing: the lines of {countOf(gone, 'attempt')} are no longer kept.</span>
        )}
        <span className={page.spread} />
        {key && (
          <Link to="/events" search={{ ...range, q: conditionOf(...key) }}>
            All its events
          </Link>
        )}
        <Button size="compact-sm" variant="default" onClick={flip}>
          {isParsed ? 'Raw' : 'Parsed'}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <div className={styles.lines} tabIndex={0} role="region" aria-label="Lines">
        {lines.map((event, i) => (
          <div key={String(event['event.id'] ?? i)} className={styles.line}>
            <When iso={event['@timestamp']} isExact />{' '}
            <span className={styles.host}>
              <HostileText text={event['host.name']} />
            </span>
            {isParsed ? <Parsed event={event} /> : <RawLine event={event} />}
          </div>
        ))}
      </div>
    </section>
  );
}

const PARSED = ['event.action', 'event.outcome', 'source.ip', 'user.name', 'source.port', 'process.name'];

function Parsed({ event }: { event: Record<string, unknown> }) {
  const told = PARSED.filter((field) => event[field] !== undefined);
  return (
    <code>
      {told.map((field) => (
        <span key={field} className={styles.field}>
          <span className={styles.name}>{field}</span> <HostileText text={String(event[field])} />
        </span>
      ))}
    </code>
  );
}
