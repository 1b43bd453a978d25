import { Tabs } from '@mantine/core';
import { useState } from 'react';
import type { Event } from '../api/types.js';
import { useKeys } from '../app/use-keys.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { When } from '../parts/when.js';
import { useSurrounding } from './event-queries.js';
import styles from './events.module.css';
import { RawLine } from './line.js';
import type { Filter } from './query-text.js';
import { Signs } from './signs.js';

type View = 'parsed' | 'raw' | 'surrounding';

interface Props {
  event: Event;
  filter: Filter;
}

/** One event: parsed, raw, and what its host wrote around it. */
export function EventDetail({ event, filter }: Props) {
  const [view, setView] = useState<View>('parsed');
  useKeys({ v: () => setView(view === 'raw' ? 'parsed' : 'raw'), s: () => setView('surrounding') });
  return (
    <section className={styles.detail} aria-label="The event">
      <Tabs value={view} onChange={(value) => setView((value ?? 'parsed') as View)}>
        <Tabs.List>
          <Tabs.Tab value="parsed">Parsed</Tabs.Tab>
          <Tabs.Tab value="raw">Raw (v)</Tabs.Tab>
          <Tabs.Tab value="surrounding">Surrounding (s)</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="parsed">
          <Parsed event={event} filter={filter} />
        </Tabs.Panel>
        <Tabs.Panel value="raw">
          <RawLine event={event} />
        </Tabs.Panel>
        <Tabs.Panel value="surrounding">
          <Around id={String(event['event.id'])} isWanted={view === 'surrounding'} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

const LINKED = new Set(['source.ip', 'user.name', 'host.name', 'source.as.number', 'source.geo.country_iso_code']);

function Parsed({ event, filter }: Props) {
  const fields = Object.entries(event).filter(([, value]) => value !== undefined && value !== null);
  return (
    <table className={styles.fields}>
      <tbody>
        {fields.map(([field, value]) => {
          const text = Array.isArray(value) ? value.join(', ') : String(value);
          return (
            <tr key={field}>
              <th scope="row">
                <HostileText text={field} />
              </th>
              <td>{LINKED.has(field) ? <SubjectLink field={field} value={text} /> : <HostileText text={text} />}</td>
              <td>{!Array.isArray(value) && <Signs field={field} value={text} filter={filter} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Around({ id, isWanted }: { id: string; isWanted: boolean }) {
  const around = useSurrounding(id, isWanted);
  return (
    <Asked asked={around}>
      {around.data?.events.map((event) => (
        <div
          key={String(event['event.id'])}
          className={`${styles.around} ${event['event.id'] === id ? styles.self : ''}`}
        >
          <When iso={event['@timestamp']} isExact /> <RawLine event={event} />
        </div>
      ))}
      {around.data?.isCut && <p className={page.note}>There are more lines within these minutes.</p>}
    </Asked>
  );
}
