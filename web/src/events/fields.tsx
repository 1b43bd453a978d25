import { HostileText } from '../parts/hostile-text.js';
import { counted } from '../parts/numbers.js';
import { Asked, Empty } from '../parts/states.js';
import { type Looked, useTop } from './event-queries.js';
import styles from './events.module.css';
import type { Filter } from './query-text.js';
import { Signs } from './signs.js';

const OFFERED = [
  'source.ip',
  'source.as.number',
  'source.as.organization.name',
  'source.geo.country_iso_code',
  'user.name',
  'host.name',
  'event.outcome',
  'event.action',
  'event.module',
  'process.name',
  'fleetwall.evidence',
];

interface Props {
  looked: Looked;
  columns: string[];
  open: string | undefined;
  setOpen: (field: string | undefined) => void;
  filter: Filter;
  toggleColumn: (field: string) => void;
}

/** Fields; the open one with its most frequent values. */
export function Fields({ looked, columns, open, setOpen, filter, toggleColumn }: Props) {
  const names = [...new Set([...OFFERED, ...columns])];
  return (
    <aside className={styles.side} aria-label="Fields">
      <h2>Fields</h2>
      {names.map((name) => (
        <div key={name}>
          <button
            type="button"
            className={styles.fieldHead}
            aria-expanded={open === name}
            onClick={() => setOpen(open === name ? undefined : name)}
          >
            {name}
            <span aria-hidden="true">{open === name ? '▾' : '▸'}</span>
          </button>
          {open === name && (
            <>
              <label className={styles.value}>
                <span>
                  <input type="checkbox" checked={columns.includes(name)} onChange={() => toggleColumn(name)} /> as a
                  column
                </span>
              </label>
              <Values looked={looked} field={name} filter={filter} />
            </>
          )}
        </div>
      ))}
    </aside>
  );
}

function Values({ looked, field, filter }: Pick<Props, 'looked' | 'filter'> & { field: string }) {
  const top = useTop(looked, field);
  const values = top.data?.values ?? [];
  return (
    <Asked asked={top}>
      {values.map(({ value, count }) => (
        <div key={value} className={styles.value}>
          <HostileText text={value} />
          <span>{counted(count)}</span>
          <Signs field={field} value={value} filter={filter} />
        </div>
      ))}
      {values.length === 0 && <Empty why="No event here has this field." />}
    </Asked>
  );
}
