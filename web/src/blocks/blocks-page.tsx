import { Button, Tabs, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Block } from '../api/types.js';
import { keptSearch, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { BriefOrigin } from '../origins/origin.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { useUndo } from '../parts/undo.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { BlockDialog } from './block-dialog.js';
import { BLOCK_TABS, type BlockTab, useBlocks, useLift } from './block-queries.js';
import { Enforcing } from './enforcing.js';
import { LiftDialog, useLiftState } from './lift-dialog.js';
import { authorOf, enforcementBrief, reasonText, STATE_WORDS, scopeText } from './words.js';

/** What is blocked, why, does it hold? */
export function BlocksPage() {
  const [search, change] = useSearchState();
  const { role } = useSignedIn();
  const tab = BLOCK_TABS.find((each) => each === search.tab) ?? 'active';
  const blocks = useBlocks(tab, search.q);
  const rows = blocks.data?.pages.flatMap((each) => each.blocks) ?? [];
  const lift = useLiftState();
  const [isBlocking, setBlocking] = useState(false);
  const takeBack = useLift();
  const undo = useUndo();
  const { current, select } = useCurrentRow(rows, idOf, 'block');
  const liftCurrent = () => current?.state === 'active' && may.lift(role) && lift.ask(current.target);
  useKeys({ l: liftCurrent, Escape: () => change({ block: '' }, false) });
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Blocks</h1>
        <Tabs value={tab} onChange={(value) => change({ tab: value ?? 'active', block: '' })}>
          <Tabs.List>
            {BLOCK_TABS.map((value) => (
              <Tabs.Tab key={value} value={value}>
                {STATE_WORDS[value]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        <Filter address={search.q} set={(q) => change({ q })} />
        <span className={page.spread} />
        {may.lift(role) && (
          <Button size="compact-sm" variant="default" disabled={current?.state !== 'active'} onClick={liftCurrent}>
            Lift…
          </Button>
        )}
        {may.decide(role) && (
          <Button size="compact-sm" onClick={() => setBlocking(true)}>
            Block…
          </Button>
        )}
      </div>
      <Asked asked={blocks}>
        {rows.length === 0 && !blocks.hasNextPage ? (
          <Nothing tab={tab} address={search.q} clear={() => change({ q: '' })} />
        ) : (
          <Rows
            label="Blocks"
            columns={COLUMNS}
            rows={rows}
            current={current}
            onCurrent={select}
            onOpen={({ target }) => lift.ask(target)}
            more={blocks}
          />
        )}
        {current && <Enforcing block={current} />}
        <span className={page.note}>
          {countOf(rows.length, 'block')}
          {blocks.hasNextPage ? ' loaded, older ones load on scrolling' : ''}. The range above does not apply here.
        </span>
      </Asked>
      <LiftDialog state={lift} />
      <BlockDialog
        isOpen={isBlocking}
        close={() => setBlocking(false)}
        onBlocked={(target) =>
          undo.offer({ text: `${target} is blocked.`, undo: () => takeBack.mutate({ target, comment: 'undone' }) })
        }
      />
      {undo.bar}
    </div>
  );
}

const idOf = ({ id }: Block) => id;

function Filter({ address, set }: { address: string | undefined; set: (address: string) => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set(String(new FormData(event.currentTarget).get('address')).trim());
      }}
    >
      <TextInput
        key={address ?? ''}
        name="address"
        size="xs"
        aria-label="Address or network"
        placeholder="Address or network"
        defaultValue={address ?? ''}
        maxLength={80}
      />
    </form>
  );
}

function Nothing({ tab, address, clear }: { tab: BlockTab; address: string | undefined; clear: () => void }) {
  const state = STATE_WORDS[tab].toLowerCase();
  if (address) return <Empty why={`No block ${state} of ${address}.`} remedy={{ label: 'Show all', act: clear }} />;
  return <Empty why={tab === 'active' ? 'Nothing is blocked.' : `No block is ${state}.`} />;
}

const COLUMNS: Column<Block>[] = [
  {
    id: 'target',
    title: 'Target',
    width: 'minmax(16ch, 28ch)',
    cell: ({ target }) => (
      <>
        <Link to="/addresses/$address" params={{ address: target }} search={keptSearch}>
          <HostileText text={target} />
        </Link>
        <BriefOrigin address={target} />
      </>
    ),
  },
  {
    id: 'scope',
    title: 'Scope',
    width: '14ch',
    isWide: true,
    cell: ({ scope }) => <HostileText text={scopeText(scope)} />,
  },
  { id: 'why', title: 'Why', width: 'minmax(24ch, 1fr)', cell: (block) => <HostileText text={reasonText(block)} /> },
  {
    id: 'enforcement',
    title: 'In force on',
    width: '12ch',
    isNumber: true,
    isWide: true,
    cell: ({ enforcement }) => enforcementBrief(enforcement),
  },
  { id: 'at', title: 'Since', width: '14ch', isWide: true, cell: ({ at }) => <When iso={at} /> },
  { id: 'until', title: 'Until', width: '14ch', cell: ({ until }) => <When iso={until} /> },
  {
    id: 'by',
    title: 'By',
    width: '16ch',
    isWide: true,
    cell: (block) => <HostileText text={authorOf(block)} />,
  },
];
