import { useState } from 'react';
import { isUnreadableQuery } from '../api/problem.js';
import type { Event } from '../api/types.js';
import { absoluteRange, widened } from '../app/range.js';
import { rangeOf, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { Bars } from '../parts/bars.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { useNow } from '../parts/use-now.js';
import { When } from '../parts/when.js';
import { EventDetail } from './event-detail.js';
import { type Looked, useEvents, useHistogram } from './event-queries.js';
import styles from './events.module.css';
import { Export } from './export.js';
import { Fields } from './fields.js';
import { QueryBar } from './query-bar.js';
import { type Filter, type FilterSign, filtered } from './query-text.js';

/** What happened, exactly? */
export function EventsPage() {
  const [search, change] = useSearchState();
  const looked: Looked = { query: search.q ?? '', ...rangeOf(search) };
  const events = useEvents(looked);
  const histogram = useHistogram(looked);
  return (
    <div className={page.page}>
      <div className={`${page.head} ${styles.head}`}>
        <h1>Events</h1>
        <QueryBar query={looked.query} run={(q) => change({ q, row: '' })} error={events.error} />
        <Export looked={looked} total={histogram.data?.total} />
      </div>
      {/* A query that cannot be read is told of once, where it is written. */}
      {!isUnreadableQuery(events.error) && (
        <>
          <OverTime histogram={histogram} zoom={(fromMs, toMs) => change(absoluteRange(fromMs, toMs))} />
          <Found looked={looked} events={events} />
        </>
      )}
    </div>
  );
}

function OverTime({
  histogram: { data, error, refetch },
  zoom,
}: {
  histogram: ReturnType<typeof useHistogram>;
  zoom: (fromMs: number, toMs: number) => void;
}) {
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {data && (
        <div className={styles.chart}>
          <Bars label="Events over time; drag to zoom" data={data} heightPx={96} onZoom={zoom} />
          <span className={page.note}>
            {countOf(data.total, 'event')}, per {duration(data.bucketMs)}
          </span>
        </div>
      )}
    </>
  );
}

function Found({ looked, events }: { looked: Looked; events: ReturnType<typeof useEvents> }) {
  const [search, change] = useSearchState();
  const [field, setField] = useState<string>();
  const rows = events.data?.pages.flatMap((each) => each.events) ?? [];
  const columns = (search.columns ?? DEFAULT_COLUMNS).split(',').filter((name) => name !== '');
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  const filter: Filter = (name, value, sign) => change({ q: filtered(looked.query, name, value, sign), row: '' });
  useFilterKeys(current, field ?? 'source.ip', filter);
  useKeys({ Escape: () => change({ row: '' }, false) });
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
        <Asked asked={events}>
          {rows.length === 0 && !events.error ? (
            <Nothing looked={looked} />
          ) : (
            <Rows
              label="Events"
              columns={columnsOf(columns)}
              rows={rows}
              current={current}
              onCurrent={select}
              more={events}
            />
          )}
          <span className={page.note}>
            {counted(rows.length)} loaded{events.hasNextPage ? '; more load on scrolling' : ', that is all'}
          </span>
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

const WIDTHS: Record<string, string> = {
  'event.outcome': '14ch',
  'host.name': '12ch',
  'source.ip': '16ch',
  'user.name': '14ch',
};

function columnsOf(names: string[]): Column<Event>[] {
  return [
    { id: 'time', title: 'time', width: '25ch', cell: (event) => <When iso={event['@timestamp']} isExact /> },
    ...names.map((name) => ({
      id: name,
      title: name,
      width: WIDTHS[name] ?? '18ch',
      isWide: true,
      cell: (event: Event) => <HostileText text={event[name] === undefined ? '' : String(event[name])} />,
    })),
    {
      id: 'message',
      title: 'message',
      width: 'minmax(36ch, 1fr)',
      cell: (event) => (
        <code className={page.mono}>
          <HostileText text={event['event.original']} />
        </code>
      ),
    },
  ];
}
