import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Block } from '../api/types.js';
import { useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { EntryDialog } from '../lists/entry-dialog.js';
import { useListUndo } from '../lists/use-list-undo.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { useUndo } from '../parts/undo.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { BlockDialog } from './block-dialog.js';
import { BLOCK_TABS, type BlockTab, useBlocks, useLift } from './block-queries.js';
import { Enforcing } from './enforcing.js';
import { LiftDialog, useLiftState } from './lift-dialog.js';
import { Until } from './until.js';
import { authorOf, enforcementBrief, reachText, reasonText, STATE_WORDS } from './words.js';

const TABS = BLOCK_TABS.map((value) => ({ value, label: STATE_WORDS[value] }));

/** What is blocked, why, does it hold? */
export function BlocksPage() {
  const [search, change] = useSearchState();
  const me = useSignedIn();
  const { role } = me;
  const tab = BLOCK_TABS.find((each) => each === search.tab) ?? 'active';
  const blocks = useBlocks(tab, search.q);
  const rows = blocks.data?.pages.flatMap((each) => each.blocks) ?? [];
  const lift = useLiftState();
  const [isBlocking, setBlocking] = useState(false);
  const takeBack = useLift();
  const undo = useUndo();
  const listUndo = useListUndo(undo);
  const { current, select } = useCurrentRow(rows, idOf, 'block');
  const [extended, setExtended] = useState<Block>();
  const [promoted, setPromoted] = useState<Block>();
  const isInForce = current?.state === 'active';
  const liftIt = ({ state, target }: Block) => state === 'active' && may.lift(role) && lift.ask(target);
  const liftCurrent = () => current && liftIt(current);
  useKeys({ l: liftCurrent, Escape: () => change({ block: '' }, false) });
  const failure = takeBack.error ?? listUndo.error;
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Blocks</h1>
        <PageTabs tabs={TABS} value={tab} change={(value) => change({ tab: value, block: '' })} />
        <Filter address={search.q} set={(q) => change({ q })} />
        <span className={page.spread} />
        {may.lift(role) && (
          <Button size="compact-sm" variant="default" disabled={!isInForce} onClick={liftCurrent}>
            Lift…
          </Button>
        )}
        {may.decide(role) && (
          <Button
            size="compact-sm"
            variant="default"
            disabled={!isInForce || current.isListed}
            onClick={() => setExtended(current)}
          >
            Extend…
          </Button>
        )}
        {may.decideFleet(me) && (
          <Button
            size="compact-sm"
            variant="default"
            disabled={!current || current.isListed}
            onClick={() => setPromoted(current)}
          >
            Denylist…
          </Button>
        )}
        {may.decide(role) && (
          <Button size="compact-sm" onClick={() => setBlocking(true)}>
            Block…
          </Button>
        )}
      </div>
      {failure && <Failure error={failure} />}
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
            onOpen={liftIt}
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
      {extended && <BlockDialog key={extended.id} isOpen extends={extended} close={() => setExtended(undefined)} />}
      <EntryDialog
        list={promoted && 'deny'}
        close={() => setPromoted(undefined)}
        target={promoted?.target ?? ''}
        reason={promoted ? promotedFor(promoted) : ''}
        onSaved={listUndo.offer}
      />
      {undo.bar}
    </div>
  );
}

const idOf = ({ id }: Block) => id;

/** What the person wrote who blocked it, or what the rule said. */
function promotedFor(block: Block): string {
  const [first] = block.reasons;
  return first?.type === 'person' ? first.comment : reasonText(block);
}

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
    cell: ({ target }) => <SubjectLink field="source.ip" value={target} />,
  },
  {
    id: 'scope',
    title: 'Scope',
    width: 'minmax(12ch, 26ch)',
    isWide: true,
    cell: (block) => <HostileText text={reachText(block)} />,
  },
  { id: 'why', title: 'Why', width: 'minmax(24ch, 1fr)', cell: (block) => <HostileText text={reasonText(block)} /> },
  {
    id: 'enforcement',
    title: 'In force on',
    width: '12ch',
    isNumber: true,
    isWide: true,
    cell: ({ state, enforcement }) => state === 'active' && enforcementBrief(enforcement),
  },
  { id: 'at', title: 'Since', width: 'minmax(13ch, 18ch)', isWide: true, cell: ({ at }) => <When iso={at} /> },
  { id: 'until', title: 'Until', width: 'minmax(13ch, 18ch)', cell: (block) => <Until block={block} /> },
  {
    id: 'by',
    title: 'By',
    width: '16ch',
    isWide: true,
    cell: (block) => <HostileText text={authorOf(block)} />,
  },
];
