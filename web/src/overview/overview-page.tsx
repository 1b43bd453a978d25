import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { storyText } from '../alerts/story.js';
import type { Overview } from '../api/types.js';
import { absoluteRange, type Range, rangeLabel } from '../app/range.js';
import { keptSearch, rangeOf, useSearchState } from '../app/search.js';
import { BriefOrigin } from '../origins/origin.js';
import { TopCountries, TopNetworks } from '../origins/top-networks.js';
import { Bars } from '../parts/bars.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Level } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { Top } from '../parts/top.js';
import { useNow } from '../parts/use-now.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { SelfTest } from '../system/self-test.js';
import styles from './overview.module.css';
import { useOverview } from './use-overview.js';

/** Are we under attack, does the defence hold? */
export function OverviewPage() {
  const [search, change] = useSearchState();
  const range = rangeOf(search);
  const overview = useOverview();
  const me = useSignedIn();
  return (
    <div className={page.scrolling}>
      <div className={page.head}>
        <h1>Overview</h1>
        <span className={page.spread} />
        {overview.data?.reading && may.administerFleet(me) && <SelfTest />}
      </div>
      <Asked asked={overview}>
        {overview.data && (
          <Told overview={overview.data} range={range} zoom={(from, to) => change(absoluteRange(from, to))} />
        )}
      </Asked>
    </div>
  );
}

interface Props {
  overview: Overview;
  range: Range;
  zoom: (fromMs: number, toMs: number) => void;
}

function Told({ overview, range, zoom }: Props) {
  const { alerts, attempts, topAddresses } = overview;
  // The chart is made anew for other data, not because time went on.
  const bars = useMemo(() => ({ from: overview.from, to: overview.to, ...overview.attempts }), [overview]);
  const nowMs = useNow();
  const isQuiet = alerts.gravest.every(({ history }) => history);
  return (
    <>
      {isQuiet && overview.reading && <FirstMinutes reading={overview.reading} blocks={overview.blocks} />}
      <Figures overview={overview} />
      <section className={page.panel} aria-label="Open alerts">
        <h2>
          {alerts.open === 0
            ? 'No attack is open'
            : `${countOf(alerts.open, 'attack')}${alerts.isMore ? ' or more' : ''} open, gravest first`}
        </h2>
        <ul className={page.plainList}>
          {alerts.gravest.map((alert) => (
            <li key={alert.id} className={styles.alert}>
              <Level level={alert.level} />
              <Link to="/alerts/$id" params={{ id: alert.id }} search={keptSearch}>
                <HostileText text={storyText(alert)} />
              </Link>
              {alert.key['source.ip'] !== undefined && <BriefOrigin address={alert.key['source.ip']} />}
              <span className={page.note}>
                {alert.title}, <When iso={alert.last} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      <div className={page.two}>
        <section className={page.panel} aria-label="Attempts">
          <h2>
            Failed attempts per {duration(attempts.bucketMs)}, {rangeLabel(range, nowMs).toLowerCase()}
          </h2>
          <Bars label="Failed attempts over time; drag to zoom" data={bars} heightPx={180} onZoom={zoom} />
        </section>
        <Top title="Top addresses" field="source.ip" values={topAddresses} range={range} />
      </div>
      <div className={page.two}>
        <TopNetworks range={range} />
        <TopCountries range={range} />
      </div>
    </>
  );
}

function Figures({ overview: { hosts, blocks, alerts } }: { overview: Overview }) {
  return (
    <div className={styles.figures}>
      <Link to="/alerts" search={keptSearch} className={styles.figure}>
        <span className={page.figure}>{counted(alerts.open)}</span> open alerts
      </Link>
      <Link to="/blocks" search={keptSearch} className={styles.figure}>
        <span className={page.figure}>{counted(blocks.inForce)}</span>{' '}
        {hosts.armed === 0 ? 'blocks only reported' : 'blocks in force'}
        {blocks.held > 0 && `, ${counted(blocks.held)} held`}
      </Link>
      <Link to="/hosts" search={keptSearch} className={styles.figure}>
        <span className={page.figure}>
          {counted(hosts.armed)} / {counted(hosts.known)}
        </span>{' '}
        hosts armed
      </Link>
      {blocks.droppedPackets !== undefined && (
        <Link to="/hosts" search={keptSearch} className={styles.figure}>
          <span className={page.figure}>{counted(blocks.droppedPackets)}</span> packets dropped on this host
        </Link>
      )}
    </div>
  );
}

/** Before any attack that goes on: what is watched, how much was read, what cannot be. */
function FirstMinutes({ reading, blocks }: { reading: NonNullable<Overview['reading']>; blocks: Overview['blocks'] }) {
  return (
    <section className={page.panel} aria-label="What is watched">
      Reading {countOf(reading.sources, 'source')} on this host: {countOf(reading.lines, 'line')},{' '}
      {countOf(reading.events, 'event')}, {countOf(reading.history, 'line')} from before the first start;{' '}
      {countOf(blocks.inForce, 'block')} in force.
      {reading.wouldHaveBlocked > 0 && (
        <>
          {' '}
          <Link to="/blocks" search={(before) => ({ ...keptSearch(before), tab: 'too-late' })}>
            History: {countOf(reading.wouldHaveBlocked, 'address', 'addresses')} would have been blocked
          </Link>
          .
        </>
      )}
      {reading.unreadable.map(({ what, why }) => (
        <div key={what}>
          ⚠ Cannot be read: <HostileText text={`${what}: ${why}`} />
        </div>
      ))}
    </section>
  );
}
