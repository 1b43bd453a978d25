import { Button, Checkbox } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Alert } from '../api/types.js';
import { keptSearch, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { BriefOrigin } from '../origins/origin.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { Level, Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { CloseMenu, useActs } from './acts.js';
import { type AlertTab, byGravity, useAlerts } from './alert-queries.js';
import { stateOf, storyText } from './story.js';

const TABS: { value: AlertTab; label: string; empty: string }[] = [
  { value: 'open', label: 'Open', empty: 'Nothing open.' },
  { value: 'acknowledged', label: 'Acknowledged', empty: 'Nothing is acknowledged and not yet closed.' },
  { value: 'closed', label: 'Closed', empty: 'Nothing was closed yet.' },
  { value: 'withdrawn', label: 'Withdrawn', empty: 'Nothing was withdrawn.' },
];

/** What needs me? */
export function AlertsPage() {
  const [search, change] = useSearchState();
  const { value: tab, empty } = TABS.find(({ value }) => value === search.tab) ?? (TABS[0] as (typeof TABS)[0]);
  const alerts = useAlerts(tab);
  const pages = alerts.data?.pages;
  const rows = useMemo(() => (pages?.flatMap((each) => each.alerts) ?? []).sort(byGravity), [pages]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const navigate = useNavigate();
  const open = ({ id }: Alert) => void navigate({ to: '/alerts/$id', params: { id }, search: keptSearch });
  const { current, select } = useCurrentRow(rows, idOf, 'row', open);
  const toggle = (id: string) =>
    setSelected((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id]));
  const chosen = selected.size > 0 ? rows.filter(({ id }) => selected.has(id)) : current ? [current] : [];
  const acts = useActs(chosen, countOf(chosen.length, 'alert'), () => setSelected(new Set()));
  useKeys({ x: () => current && toggle(current.id) });
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Alerts</h1>
        <PageTabs tabs={TABS} value={tab} change={(value) => change({ tab: value, row: '' })} />
        <span className={page.note}>The range does not apply.</span>
        <span className={page.spread} />
        {acts.mayAct && <Buttons count={chosen.length} acts={acts} />}
      </div>
      {acts.error && <Failure error={acts.error} />}
      <Asked asked={alerts}>
        {rows.length === 0 && !alerts.hasNextPage ? (
          <Empty
            why={empty}
            remedy={tab === 'open' ? { label: 'Show closed alerts', act: () => change({ tab: 'closed' }) } : undefined}
          />
        ) : (
          <Rows
            label="Alerts"
            columns={columnsOf(selected, toggle)}
            rows={rows}
            current={current}
            onCurrent={select}
            onOpen={open}
            more={alerts}
          />
        )}
        {alerts.hasNextPage && (
          <span className={page.note}>{countOf(rows.length, 'alert')} loaded; older ones load on scrolling.</span>
        )}
      </Asked>
      {acts.bar}
    </div>
  );
}

const idOf = ({ id }: Alert) => id;

/** Of the selected rows, or of the current one; each says of how many. */
function Buttons({ count, acts }: { count: number; acts: ReturnType<typeof useActs> }) {
  const isNone = count === 0;
  const many = count > 1 ? ` ${counted(count)}` : '';
  return (
    <>
      <Button size="compact-sm" variant="default" disabled={isNone} onClick={acts.acknowledge}>
        Acknowledge{many}
      </Button>
      <Button size="compact-sm" variant="default" disabled={isNone} onClick={acts.assign}>
        Assign to me
      </Button>
      <CloseMenu label={`Close${many}`} isDisabled={isNone} close={acts.close} />
    </>
  );
}

function columnsOf(selected: ReadonlySet<string>, toggle: (id: string) => void): Column<Alert>[] {
  return [
    {
      id: 'select',
      title: '',
      width: '24px',
      isWide: true,
      cell: (alert) => (
        <Checkbox
          size="xs"
          aria-label={`Select ${storyText(alert)}`}
          checked={selected.has(alert.id)}
          onChange={() => toggle(alert.id)}
        />
      ),
    },
    { id: 'level', title: 'Severity', width: '10ch', cell: ({ level }) => <Level level={level} /> },
    {
      id: 'story',
      title: 'Story',
      width: 'minmax(30ch, 1fr)',
      cell: (alert) => (
        <>
          <Link to="/alerts/$id" params={{ id: alert.id }} search={keptSearch}>
            <HostileText text={storyText(alert)} />
          </Link>
          {alert.key['source.ip'] !== undefined && <BriefOrigin address={alert.key['source.ip']} />}{' '}
          <span className={page.note}>{alert.title}</span>
        </>
      ),
    },
    {
      id: 'hosts',
      title: 'Hosts',
      width: '6ch',
      isNumber: true,
      isWide: true,
      cell: ({ hosts }) => counted(hosts.length),
    },
    {
      id: 'count',
      title: 'Attempts',
      width: '10ch',
      isNumber: true,
      isWide: true,
      cell: ({ count }) => counted(count),
    },
    {
      id: 'state',
      title: 'State',
      width: '13ch',
      isWide: true,
      cell: (alert) => <Pill tone={alert.state === 'open' ? 'warning' : 'plain'}>{stateOf(alert)}</Pill>,
    },
    { id: 'last', title: 'Last seen', width: '13ch', isWide: true, cell: ({ last }) => <When iso={last} /> },
    {
      id: 'assignee',
      title: 'Assignee',
      width: '12ch',
      isWide: true,
      cell: ({ assignee }) => (assignee ? <HostileText text={assignee} /> : '–'),
    },
  ];
}
