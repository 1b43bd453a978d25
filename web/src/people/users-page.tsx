import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Person } from '../api/types.js';
import { useSearchState } from '../app/search.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked } from '../parts/states.js';
import { useUndo } from '../parts/undo.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { usePeople } from './people-queries.js';
import { InviteDialog } from './person-dialog.js';
import { PersonPanel } from './person-panel.js';
import { Tenants } from './tenants.js';
import { Tokens } from './tokens.js';
import { STATES, tenantText } from './words.js';

const TABS = [
  { value: 'people', label: 'People' },
  { value: 'tokens', label: 'Tokens' },
  { value: 'tenants', label: 'Tenants' },
] as const;

/** Who may do what: people, tokens of programs, tenants. */
export function UsersPage() {
  const [search, change] = useSearchState();
  const { value: tab } = TABS.find(({ value }) => value === search.tab) ?? TABS[0];
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Users</h1>
        <PageTabs tabs={TABS} value={tab} change={(value) => change({ tab: value, row: '' })} />
      </div>
      {tab === 'people' && <People />}
      {tab === 'tokens' && <Tokens isAll />}
      {tab === 'tenants' && <Tenants />}
    </div>
  );
}

function People() {
  const people = usePeople();
  const rows = people.data?.accounts ?? [];
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  const [isInviting, setInviting] = useState(false);
  const undo = useUndo();
  return (
    <>
      <div className={page.head}>
        {people.data && <span className={page.note}>{countOf(rows.length, 'person', 'people')}</span>}
        <span className={page.spread} />
        <Button size="compact-sm" onClick={() => setInviting(true)}>
          Invite…
        </Button>
      </div>
      <Asked asked={people}>
        <Rows label="People" columns={COLUMNS} rows={rows} current={current} onCurrent={select} />
        {current && <PersonPanel key={current.name} person={current} onState={undo.offer} />}
      </Asked>
      <InviteDialog isOpen={isInviting} close={() => setInviting(false)} />
      {undo.bar}
    </>
  );
}

const idOf = ({ name }: Person) => name;

const COLUMNS: Column<Person>[] = [
  { id: 'name', title: 'Name', width: 'minmax(14ch, 1fr)', cell: ({ name }) => <HostileText text={name} /> },
  { id: 'role', title: 'Role', width: '15ch', cell: ({ role }) => role },
  {
    id: 'tenant',
    title: 'Tenant',
    width: 'minmax(12ch, 1fr)',
    isWide: true,
    cell: ({ tenant }) => <HostileText text={tenantText(tenant)} />,
  },
  {
    id: 'state',
    title: 'State',
    width: '12ch',
    cell: ({ state }) => <Pill tone={STATES[state].tone}>{STATES[state].word}</Pill>,
  },
  {
    id: 'how',
    title: 'Signs in by',
    width: '14ch',
    isWide: true,
    cell: ({ isOfProvider }) => (isOfProvider ? 'provider' : 'password'),
  },
  {
    id: 'sessions',
    title: 'Sessions',
    width: '10ch',
    isNumber: true,
    isWide: true,
    cell: ({ sessions }) => counted(sessions),
  },
  { id: 'changed', title: 'Changed', width: '14ch', isWide: true, cell: ({ changed }) => <When iso={changed} /> },
];
