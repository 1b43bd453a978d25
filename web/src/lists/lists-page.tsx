import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keptSearch, useSearchState } from '../app/search.js';
import { enforcementBrief, enforcementText, STATE_WORDS } from '../blocks/words.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { useUndo } from '../parts/undo.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { EntryDialog } from './entry-dialog.js';
import { type Entry, LIST_WORDS, type ListName, useChangeList, useEntries } from './list-queries.js';
import { useListUndo } from './use-list-undo.js';

const TABS = [
  { value: 'allow', label: 'Allowlist', empty: 'Nothing is on the allowlist.' },
  { value: 'deny', label: 'Denylist', empty: 'Nothing is on the denylist.' },
] as const;

/** Who is never blocked, and who is until somebody says otherwise. */
export function ListsPage() {
  const [search, change] = useSearchState();
  const { role } = useSignedIn();
  const { value: list, label, empty } = TABS.find(({ value }) => value === search.tab) ?? TABS[0];
  const entries = useEntries(list);
  const rows = entries.data ?? [];
  const { current, select } = useCurrentRow(rows, idOf, 'row');
  const [adding, setAdding] = useState<{ list: ListName; entry?: Entry }>();
  const remove = useChangeList();
  const undo = useUndo();
  const listUndo = useListUndo(undo);
  const off = `is off the ${LIST_WORDS[list]}${list === 'deny' ? '; its block is lifted' : ''}`;
  const removeCurrent = () =>
    current &&
    remove.mutate(
      { list, target: current.target, written: null },
      { onSuccess: (saved) => listUndo.offer({ list, ...saved }, off) },
    );
  const failure = remove.error ?? listUndo.error;
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Lists</h1>
        <PageTabs tabs={TABS} value={list} change={(tab) => change({ tab, row: '' })} />
        <span className={page.spread} />
        {may.decide(role) && (
          <>
            <Button size="compact-sm" variant="default" disabled={!current} onClick={removeCurrent}>
              Take off
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              disabled={!current}
              onClick={() => current && setAdding({ list, entry: current })}
            >
              Change…
            </Button>
            <Button size="compact-sm" onClick={() => setAdding({ list })}>
              {list === 'allow' ? 'Allow…' : 'Deny…'}
            </Button>
          </>
        )}
      </div>
      {failure && <Failure error={failure} />}
      <Warning rows={rows} />
      <Asked asked={entries}>
        {rows.length === 0 ? (
          <Empty why={empty} />
        ) : (
          <Rows label={label} columns={COLUMNS[list]} rows={rows} current={current} onCurrent={select} />
        )}
        {current && <Details list={list} entry={current} />}
        <p className={page.note}>{NOTES[list]}</p>
      </Asked>
      <EntryDialog
        list={adding?.list}
        close={() => setAdding(undefined)}
        target={adding?.entry?.target ?? ''}
        reason={adding?.entry?.reason ?? ''}
        onSaved={listUndo.offer}
      />
      {undo.bar}
    </div>
  );
}

const idOf = ({ target }: Entry) => target;

const NOTES = {
  allow:
    'The allowlist comes before everything: rules, people and the denylist. What an entry lifted stays lifted when it goes.',
  deny: 'Blocked on every host, all ports, until it is taken off the list or its time is over; the allowlist and the rails come first.',
};

function Warning({ rows }: { rows: Entry[] }) {
  const [ending, over] = [rows.filter(({ state }) => state === 'ending'), rows.filter(({ state }) => state === 'over')];
  if (ending.length + over.length === 0) return null;
  return (
    <p role="status">
      {ending.length > 0 &&
        `${countOf(ending.length, 'entry', 'entries')} of this list ${ending.length === 1 ? 'ends' : 'end'} within 7 days. `}
      {over.length > 0 &&
        `${countOf(over.length, 'entry', 'entries')} ${over.length === 1 ? 'is' : 'are'} over and ${over.length === 1 ? 'does' : 'do'} nothing any more.`}
    </p>
  );
}

function Until({ entry: { until, state } }: { entry: Entry }) {
  if (!until) return 'it is removed';
  return (
    <>
      {state !== 'valid' && <Pill tone="warning">{state === 'over' ? 'Over' : 'Ends soon'}</Pill>} <When iso={until} />
    </>
  );
}

function Hits({ entry: { hits, target } }: { entry: Entry }) {
  if (!hits) return 'unknown';
  return (
    <Link to="/addresses/$address" params={{ address: target }} search={keptSearch}>
      {counted(hits.count)}
    </Link>
  );
}

const COMMON: Column<Entry>[] = [
  {
    id: 'target',
    title: 'Entry',
    width: 'minmax(16ch, 28ch)',
    cell: ({ target }) => <SubjectLink field="source.ip" value={target} />,
  },
  { id: 'reason', title: 'Why', width: 'minmax(20ch, 1fr)', cell: ({ reason }) => <HostileText text={reason} /> },
  { id: 'owner', title: 'Owner', width: '12ch', isWide: true, cell: ({ owner }) => <HostileText text={owner} /> },
  { id: 'until', title: 'Until', width: 'minmax(13ch, 18ch)', cell: (entry) => <Until entry={entry} /> },
];

const HITS: Column<Entry> = {
  id: 'hits',
  title: 'Hits',
  width: '7ch',
  isNumber: true,
  isWide: true,
  cell: (entry) => <Hits entry={entry} />,
};

const COVERED: Column<Entry> = {
  id: 'covered',
  title: 'Covered by',
  width: '18ch',
  isWide: true,
  cell: ({ coveredBy: [first] }) => (first ? `entry ${first}` : '–'),
};

const COLUMNS: Record<ListName, Column<Entry>[]> = {
  allow: [...COMMON, COVERED, HITS],
  deny: [
    ...COMMON,
    COVERED,
    {
      id: 'force',
      title: 'In force on',
      width: '11ch',
      isNumber: true,
      isWide: true,
      cell: ({ block, refusal }) => {
        if (refusal) return 'refused';
        if (!block) return 'not yet';
        return block.state === 'active' ? enforcementBrief(block.enforcement) : STATE_WORDS[block.state];
      },
    },
    HITS,
  ],
};

function Details({ list, entry }: { list: ListName; entry: Entry }) {
  const { target, coveredBy, hits, block, refusal, created } = entry;
  return (
    <section className={page.panel} aria-label="The entry">
      <h2>
        <HostileText text={target} />
      </h2>
      {refusal && (
        <p>
          Not blocked: <HostileText text={refusal} />
        </p>
      )}
      {list === 'deny' && !refusal && block?.state === 'active' && (
        <p>
          <HostileText text={enforcementText(block.enforcement)} />
          {block.except.length > 0 && `; stays reachable: ${block.except.join(', ')}`}
        </p>
      )}
      {coveredBy.length > 0 && (
        <p>
          Covered by {list} entry {coveredBy.join(', ')}.
        </p>
      )}
      <p className={page.note}>
        Since <When iso={created} />.{' '}
        {hits ? (
          <>
            {list === 'allow'
              ? `At least ${countOf(hits.count, 'block')} prevented`
              : `At least ${countOf(hits.count, 'alert')} about it while it was in force`}
            , counted since <When iso={hits.since} />
            {hits.last && (
              <>
                , last <When iso={hits.last} />
              </>
            )}
            .
          </>
        ) : (
          'How often it did something is unknown.'
        )}
      </p>
    </section>
  );
}
