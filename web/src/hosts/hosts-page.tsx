import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answer, api } from '../api/client.js';
import type { Host } from '../api/types.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';

const POLL_MS = 10_000;

/** Who cannot protect itself? The worst first, as the API sorts them. */
export function HostsPage() {
  const hosts = useQuery({
    queryKey: ['hosts'],
    queryFn: ({ signal }) => answer(api.GET('/hosts', { signal })),
    refetchInterval: POLL_MS,
  });
  const rows = hosts.data?.hosts ?? [];
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Hosts</h1>
        {hosts.data && <span className={page.note}>{countOf(rows.length, 'host')}; those in need first</span>}
      </div>
      <Asked asked={hosts}>
        {rows.length === 0 ? (
          <Empty why="No host has told of itself yet." />
        ) : (
          <Rows label="Hosts" columns={COLUMNS} rows={rows} current={current} onCurrent={select} />
        )}
        {current && <Exceptions host={current} />}
      </Asked>
    </div>
  );
}

const idOf = ({ host }: Host) => host;

const STATES: Record<Host['state'], { word: string; tone: 'good' | 'warning' | 'danger' | 'plain' }> = {
  armed: { word: 'Armed', tone: 'good' },
  ineffective: { word: 'Ineffective', tone: 'danger' },
  disarmed: { word: 'Report only', tone: 'warning' },
  silent: { word: 'Silent', tone: 'danger' },
  unknown: { word: 'Unknown', tone: 'plain' },
};

const COLUMNS: Column<Host>[] = [
  {
    id: 'host',
    title: 'Host',
    width: 'minmax(16ch, 1fr)',
    cell: ({ host }) => (
      <Link to="/events" search={{ q: conditionOf('host.name', host), from: 'now-7d', to: 'now' }}>
        <HostileText text={host} />
      </Link>
    ),
  },
  {
    id: 'state',
    title: 'State',
    width: '14ch',
    cell: ({ state }) => <Pill tone={STATES[state].tone}>{STATES[state].word}</Pill>,
  },
  {
    id: 'firewall',
    title: 'Firewall',
    width: '14ch',
    isWide: true,
    cell: ({ firewall }) => <HostileText text={firewall ?? 'unknown'} />,
  },
  {
    id: 'inForce',
    title: 'Blocks in force',
    width: '14ch',
    isNumber: true,
    isWide: true,
    cell: ({ inForce }) => counted(inForce),
  },
  {
    id: 'exceptions',
    title: 'Exceptions',
    width: '10ch',
    isNumber: true,
    isWide: true,
    cell: ({ exceptionCount }) => counted(exceptionCount),
  },
  {
    id: 'events',
    title: 'Events, 7 days',
    width: '14ch',
    isNumber: true,
    isWide: true,
    cell: ({ events }) => counted(events),
  },
  { id: 'seen', title: 'Last event within', width: '16ch', cell: ({ seenWithin }) => seenWithin },
  {
    id: 'reported',
    title: 'Blocks changed',
    width: '16ch',
    isWide: true,
    cell: ({ reported }) => <When iso={reported} />,
  },
];

function Exceptions({ host: { host, exceptions, exceptionCount } }: { host: Host }) {
  return (
    <section className={page.panel} aria-label="Exceptions of the host">
      <h2>
        <HostileText text={host} />
      </h2>
      {exceptions.length === 0 && 'Every block it was given is in force, or it was given none.'}
      <ul>
        {exceptions.map(({ target, state, reason }) => (
          <li key={target}>
            <HostileText text={`${target}: ${state}, ${reason}`} />
          </li>
        ))}
      </ul>
      {exceptionCount > exceptions.length && countOf(exceptionCount - exceptions.length, 'more exception')}
    </section>
  );
}
