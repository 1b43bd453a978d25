import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { isUnreadableQuery } from '../api/problem.js';
import { absoluteRange } from '../app/range.js';
import { useSearchState } from '../app/search.js';
import { Bars } from '../parts/bars.js';
import { Failure } from '../parts/failure.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { askAgain, type Looked, useEvents, useHistogram } from './event-queries.js';
import styles from './events.module.css';
import { Export } from './export.js';
import { Found } from './found.js';
import { missingText } from './missing-days.js';
import { QueryBar } from './query-bar.js';
import { Saved } from './saved.js';
import { useLive } from './use-live.js';
import { useLooked } from './use-looked.js';

/** What happened, exactly? */
export function EventsPage() {
  const { looked, linked, ...rest } = useLooked();
  if (looked) return <Searched looked={looked} {...rest} />;
  // The query of the link is not there yet, or is gone.
  return (
    <div className={page.page}>
      <h1>Events</h1>
      <Asked asked={linked}>{null}</Asked>
    </div>
  );
}

type Props = Omit<ReturnType<typeof useLooked>, 'looked' | 'linked'> & { looked: Looked };

function Searched({ looked, run, open, saveError }: Props) {
  const [search, change] = useSearchState();
  const events = useEvents(looked);
  const found = useMemo(() => events.data?.pages.flatMap((each) => each.events) ?? [], [events.data]);
  const isLoaded = events.isSuccess && !events.isPlaceholderData;
  const live = useLive(looked.query, found, isLoaded, search.row !== undefined);
  const histogram = useHistogram(looked, live.isOn);
  const rows = live.isOn ? live.tail.rows : found;
  return (
    <div className={page.page}>
      <div className={`${page.head} ${styles.head}`}>
        <h1>Events</h1>
        <QueryBar
          query={looked.query}
          range={looked}
          run={(q) => (q === looked.query ? askAgain() : run(q))}
          error={events.error}
        />
        <Button
          size="compact-sm"
          variant={live.isOn ? 'filled' : 'default'}
          aria-pressed={live.isOn}
          onClick={live.toggle}
        >
          Live
        </Button>
        <Saved looked={looked} columns={search.columns ?? ''} open={open} />
        <Export looked={looked} total={histogram.isPlaceholderData ? undefined : histogram.data?.total} />
      </div>
      {saveError && <Failure error={saveError} />}
      {/* A query that cannot be read is told of once, where it is written. */}
      {!isUnreadableQuery(events.error) && (
        <>
          <OverTime histogram={histogram} zoom={(fromMs, toMs) => change(absoluteRange(fromMs, toMs))} />
          <Found looked={looked} run={run} events={events} live={live} rows={rows} />
        </>
      )}
    </div>
  );
}

function OverTime({
  histogram: { data, error, isPlaceholderData, refetch },
  zoom,
}: {
  histogram: ReturnType<typeof useHistogram>;
  zoom: (fromMs: number, toMs: number) => void;
}) {
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {data && (
        <div className={`${styles.chart} ${isPlaceholderData ? styles.old : ''}`}>
          <Bars label="Events over time; drag to zoom" data={data} heightPx={96} onZoom={zoom} />
          <span className={page.note}>
            {countOf(data.total, 'event')}, per {duration(data.bucketMs)}
          </span>
          {data.missingDays.length > 0 && <span className={page.note}>⚠{missingText(data.missingDays)}</span>}
        </div>
      )}
    </>
  );
}
