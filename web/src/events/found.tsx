import { useMemo, useState } from 'react';
import type { Event } from '../api/types.js';
import { widened } from '../app/range.js';
import { useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { counted } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { useNow } from '../parts/use-now.js';
import { columnsOf } from './event-columns.js';
import { EventDetail } from './event-detail.js';
import type { Looked, useEvents } from './event-queries.js';
import styles from './events.module.css';
import { Fields } from './fields.js';
import { LiveState } from './live.js';
import { type Filter, type FilterSign, filtered } from './query-text.js';
import type { useLive } from './use-live.js';

interface Props {
  looked: Looked;
  run: (query: string) => void;
  events: ReturnType<typeof useEvents>;
  live: ReturnType<typeof useLive>;
  /** Those that are shown, found or live. */
  rows: readonly Event[];
}

/** The events that were found, or those that arrive; fields beside them, the open one below. */
export function Found({ looked, run, events, live, rows }: Props) {
  const [search, change] = useSearchState();
  const [field, setField] = useState<string>();
  const names = search.columns ?? DEFAULT_COLUMNS;
  const columns = useMemo(() => names.split(',').filter((name) => name !== ''), [names]);
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  const filter: Filter = (name, value, sign) => run(filtered(looked.query, name, value, sign));
  useFilterKeys(current, field ?? 'source.ip', filter);
  useKeys({ Escape: () => change({ row: '' }, false) });
  const table = { label: 'Events', columns: columnsOf(columns), rows, current, onCurrent: select };
  return (
    <div className={styles.body}>
      <Fields
        looked={looked}
        columns={columns}
        open={field}
        setOpen={setField}
        filter={filter}
        toggleColumn={(name) => change({ columns: toggled(columns, name).join(',') }, false)}
      />
      <div className={styles.main}>
        {live.isOn && <LiveState {...live} />}
        <Asked asked={events}>
          {rows.length === 0 && !events.error ? (
            live.isOn ? (
              <Empty why="Nothing has arrived yet." />
            ) : (
              <Nothing looked={looked} />
            )
          ) : live.isOn ? (
            <Rows key={live.releases} {...table} onScrolled={live.setScrolled} />
          ) : (
            <Rows {...table} more={events} />
          )}
          {!live.isOn && (
            <span className={page.note}>
              {counted(rows.length)} loaded{events.hasNextPage ? '; more load on scrolling' : ', that is all'}
            </span>
          )}
        </Asked>
        {current && <EventDetail key={idOf(current)} event={current} filter={filter} />}
      </div>
    </div>
  );
}

function Nothing({ looked }: { looked: Looked }) {
  const [, change] = useSearchState();
  const wider = widened(looked, useNow());
  const why = looked.query === '' ? 'Nothing happened in this range.' : 'No event in this range matches the query.';
  const remedy = wider && {
    label: `Try ${wider.label.toLowerCase()}`,
    act: () => change({ from: wider.from, to: 'now' }),
  };
  return <Empty why={why} remedy={remedy} />;
}

const DEFAULT_COLUMNS = 'host.name,source.ip,user.name,event.outcome';

const idOf = (event: Event) => String(event['event.id']);

function toggled(columns: string[], name: string): string[] {
  return columns.includes(name) ? columns.filter((each) => each !== name) : [...columns, name];
}

/** `=`, `+` and `-` filter by the current row's value of the open field, `y` copies it. */
function useFilterKeys(current: Event | undefined, field: string, filter: Filter): void {
  const value = current?.[field];
  const run = (sign: FilterSign) => () => {
    if (value !== undefined) filter(field, String(value), sign);
  };
  useKeys({
    '=': run('='),
    '+': run('+'),
    '-': run('-'),
    y: () => {
      if (value !== undefined) void navigator.clipboard.writeText(String(value));
    },
  });
}
