import { Button, Menu, TextInput } from '@mantine/core';
import type { AuditEntry } from '../api/types.js';
import { type Search, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import styles from './audit.module.css';
import { type AuditFilter, filterOf, OUTCOMES, useAudit, useChain } from './audit-queries.js';
import { textOf } from './change.js';

const OUTCOME_WORDS = { all: 'All', done: 'Done', refused: 'Refused', failed: 'Failed' };
const TABS = OUTCOMES.map((value) => ({ value, label: OUTCOME_WORDS[value] }));
const NO_FILTER: Search = { tab: '', who: '', what: '', q: '', row: '' };

/** Who did what, when, from where, and what was before and after. */
export function AuditPage() {
  const [search, change] = useSearchState();
  const filter = filterOf(search);
  const audit = useAudit(filter);
  const rows = audit.data?.pages.flatMap(({ entries }) => entries) ?? [];
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  useKeys({ Escape: () => change({ row: '' }, false) });
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Audit</h1>
        <PageTabs tabs={TABS} value={filter.outcome ?? 'all'} change={(tab) => change({ tab, row: '' })} />
        <Filter key={JSON.stringify(filter)} filter={filter} set={(changed) => change({ ...changed, row: '' })} />
        <span className={page.spread} />
        <Export filter={filter} />
      </div>
      <Chain />
      <Asked asked={audit}>
        {rows.length === 0 && !audit.hasNextPage ? (
          <Empty
            why="Nothing of this was recorded."
            remedy={
              Object.keys(filter).length > 0 ? { label: 'Show everything', act: () => change(NO_FILTER) } : undefined
            }
          />
        ) : (
          <Rows label="Audit" columns={COLUMNS} rows={rows} current={current} onCurrent={select} more={audit} />
        )}
        {current && <Entry entry={current} />}
        <span className={page.note}>
          {countOf(rows.length, 'record')}
          {audit.hasNextPage ? ' loaded, older ones load on scrolling' : ''}. The range above does not apply here.
        </span>
        {audit.hasNextPage && (
          <Button
            size="compact-sm"
            variant="default"
            loading={audit.isFetchingNextPage}
            onClick={() => void audit.fetchNextPage()}
          >
            Look further back
          </Button>
        )}
      </Asked>
    </div>
  );
}

const idOf = ({ number }: AuditEntry) => String(number);

function Filter({ filter, set }: { filter: AuditFilter; set: (changed: Search) => void }) {
  return (
    <form
      className={styles.filter}
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const of = (name: string) => String(form.get(name)).trim();
        set({ who: of('who'), what: of('what'), q: of('about') });
      }}
    >
      <TextInput name="who" size="xs" aria-label="Who" placeholder="Who" defaultValue={filter.who} />
      <TextInput name="what" size="xs" aria-label="What" placeholder="What" defaultValue={filter.what} />
      <TextInput name="about" size="xs" aria-label="About" placeholder="About" defaultValue={filter.about} />
      <Button type="submit" size="compact-sm" variant="default">
        Filter
      </Button>
    </form>
  );
}

function Chain() {
  const chain = useChain();
  if (chain.error) return <Failure error={chain.error} retry={() => void chain.refetch()} />;
  if (!chain.data) return <span className={page.note}>Checking the chain…</span>;
  const { broken, chained, unchained, checked } = chain.data;
  return (
    <p className={page.note} role="status">
      {broken === undefined ? (
        <Pill tone="good">Chain intact</Pill>
      ) : (
        <Pill tone="danger">{`Chain broken at ${counted(broken)}`}</Pill>
      )}{' '}
      {countOf(chained, 'record')} checked <When iso={checked} />
      {unchained > 0 && `; ${countOf(unchained, 'answer')} of the response service without a chain`}.
    </p>
  );
}

function Export({ filter }: { filter: AuditFilter }) {
  const href = (format: string) => `/api/v1/audit/export?${new URLSearchParams({ ...filter, format })}`;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          Export ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>all that the filters find</Menu.Label>
        <Menu.Item component="a" href={href('ndjson')} download>
          NDJSON
        </Menu.Item>
        <Menu.Item component="a" href={href('cef')} download>
          CEF
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Outcome({ entry: { outcome, code } }: { entry: AuditEntry }) {
  const tone = outcome === 'done' ? 'good' : outcome === 'refused' ? 'warning' : 'danger';
  return (
    <>
      <Pill tone={tone}>{OUTCOME_WORDS[outcome]}</Pill> {code}
    </>
  );
}

const COLUMNS: Column<AuditEntry>[] = [
  { id: 'at', title: 'When', width: '18ch', cell: ({ at }) => <When iso={at} /> },
  { id: 'who', title: 'Who', width: 'minmax(12ch, 20ch)', cell: ({ who }) => <HostileText text={who} /> },
  { id: 'what', title: 'What', width: 'minmax(12ch, 20ch)', cell: ({ what }) => <HostileText text={what} /> },
  {
    id: 'about',
    title: 'About',
    width: 'minmax(16ch, 1fr)',
    isWide: true,
    cell: ({ about }) => <HostileText text={about ?? ''} />,
  },
  { id: 'outcome', title: 'Outcome', width: '28ch', isWide: true, cell: (entry) => <Outcome entry={entry} /> },
  {
    id: 'from',
    title: 'From',
    width: '20ch',
    isWide: true,
    cell: ({ from }) => <HostileText text={from ?? 'unknown'} />,
  },
];

function Entry({ entry }: { entry: AuditEntry }) {
  const { number, at, who, from, what, about, tenant, before, after, hash } = entry;
  return (
    <section className={`${page.panel} ${styles.entry}`} aria-label="The record">
      <dl className={page.facts}>
        <dt>Record</dt>
        <dd>{counted(number)}</dd>
        <dt>When</dt>
        <dd>
          <When iso={at} isExact />
        </dd>
        <dt>Who</dt>
        <dd>
          <HostileText text={`${who}${tenant ? `, tenant ${tenant}` : ''}, from ${from ?? 'unknown'}`} />
        </dd>
        <dt>What</dt>
        <dd>
          <HostileText text={`${what}${about ? `: ${about}` : ''}`} /> <Outcome entry={entry} />
        </dd>
        <dt>Before</dt>
        <dd className={page.mono}>
          <HostileText text={textOf(before)} />
        </dd>
        <dt>After</dt>
        <dd className={page.mono}>
          <HostileText text={textOf(after)} />
        </dd>
        <dt>Hash</dt>
        <dd className={page.mono}>{hash ?? 'none: the response service wrote it'}</dd>
      </dl>
    </section>
  );
}
