import type { Channel } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { ChannelPanel } from './channel-panel.js';
import { OUTCOMES } from './outcomes.js';
import { useChannels } from './report-queries.js';

/** Who is told what, when next, and did the last one arrive? */
export function ReportsPage() {
  const asked = useChannels();
  const rows = asked.data?.channels ?? [];
  const { current, select } = useCurrentRow(rows, nameOf, 'row');
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Reports</h1>
        {asked.data && <span className={page.note}>{countOf(rows.length, 'channel')}</span>}
      </div>
      <Asked asked={asked}>
        {rows.length === 0 ? (
          <Empty why="No channel is configured: nobody is told of alerts and blocks. See notifications in fleetwall.yml and docs/notifications.md." />
        ) : (
          <Rows label="Channels" columns={COLUMNS} rows={rows} current={current} onCurrent={select} />
        )}
        {current && <ChannelPanel key={current.name} channel={current} />}
      </Asked>
    </div>
  );
}

const nameOf = ({ name }: Channel) => name;

const COLUMNS: Column<Channel>[] = [
  { id: 'name', title: 'Channel', width: 'minmax(14ch, 1fr)', cell: ({ name }) => <HostileText text={name} /> },
  { id: 'type', title: 'By', width: '11ch', cell: ({ type }) => type, isWide: true },
  {
    id: 'tenant',
    title: 'For',
    width: '14ch',
    isWide: true,
    cell: ({ tenant }) => <HostileText text={tenant ?? 'all tenants'} />,
  },
  { id: 'level', title: 'From level', width: '13ch', isWide: true, cell: ({ level }) => level },
  { id: 'last', title: 'Last message', width: '13ch', cell: ({ deliveries: [last] }) => <Outcome last={last} /> },
  {
    id: 'delivered',
    title: 'Last delivery',
    width: '15ch',
    cell: ({ lastDelivered }) => (lastDelivered === undefined ? 'none yet' : <When iso={lastDelivered} />),
  },
  { id: 'next', title: 'Next run', width: '18ch', isWide: true, cell: (channel) => <Next channel={channel} /> },
  {
    id: 'waiting',
    title: 'Waiting',
    width: '9ch',
    isNumber: true,
    isWide: true,
    cell: ({ waiting }) => counted(waiting),
  },
  {
    id: 'givenUp',
    title: 'Given up',
    width: '9ch',
    isNumber: true,
    isWide: true,
    cell: ({ givenUp }) => counted(givenUp),
  },
];

function Outcome({ last }: { last: Channel['deliveries'][number] | undefined }) {
  if (!last) return <Pill>none yet</Pill>;
  const { word, tone } = OUTCOMES[last.outcome];
  return <Pill tone={tone}>{word}</Pill>;
}

/** The first thing that goes by itself. */
function Next({ channel: { nextAttempt, collectedUntil, summaries } }: { channel: Channel }) {
  const [first] = [nextAttempt, collectedUntil, ...summaries.map(({ next }) => next)]
    .filter((iso) => iso !== undefined)
    .sort();
  return first === undefined ? 'when there is news' : <When iso={first} />;
}
