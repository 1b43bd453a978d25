import { Modal, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Skeleton } from '../parts/states.js';
import { useBlocksOf, useLift } from './block-queries.js';
import { Until } from './until.js';
import { enforcementText, reachText, reasonText, scopeText } from './words.js';

export interface LiftState {
  target: string | undefined;
  ask: (target: string) => void;
  close: () => void;
}

export function useLiftState(): LiftState {
  const [target, setTarget] = useState<string>();
  return { target, ask: setTarget, close: () => setTarget(undefined) };
}

/** What a lift takes away, and what it leaves: a range that holds the address still blocks it. */
export function LiftDialog({ state: { target, close } }: { state: LiftState }) {
  const blocks = useBlocksOf(target);
  const lift = useLift();
  const [comment, setComment] = useState('');
  const all = blocks.data?.blocks ?? [];
  const lifted = all.filter((block) => block.target === target);
  const left = all.filter((block) => block.target !== target);
  const listed = lifted.find(({ isListed }) => isListed);
  const done = () => {
    lift.reset();
    setComment('');
    close();
  };
  return (
    <Modal opened={target !== undefined} onClose={done} title="Lift a block" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (target) lift.mutate({ target, comment: comment.trim() }, { onSuccess: done });
        }}
      >
        {listed ? (
          <p>
            <strong>{listed.target}</strong> is on the denylist and stays blocked until it is taken off there:{' '}
            <Link to="/lists" search={{ tab: 'deny', row: listed.target }}>
              the entry
            </Link>
            .
          </p>
        ) : (
          <p>
            <strong>
              <HostileText text={target ?? ''} />
            </strong>{' '}
            will be reachable again. Evidence before now no longer counts.
          </p>
        )}
        {blocks.isPending && <Skeleton />}
        {blocks.error && <Failure error={blocks.error} retry={() => void blocks.refetch()} />}
        {lifted.map((block) => (
          <dl key={block.id} className={page.facts}>
            <dt>Scope</dt>
            <dd>{reachText(block)}</dd>
            <dt>Why</dt>
            <dd>
              <HostileText text={reasonText(block)} />
            </dd>
            <dt>Where</dt>
            <dd>
              <HostileText text={enforcementText(block.enforcement)} />
            </dd>
            <dt>Until</dt>
            <dd>
              <Until block={block} />
            </dd>
          </dl>
        ))}
        {blocks.data && lifted.length === 0 && <p>No block of exactly this target is in force.</p>}
        {left.length > 0 && (
          <p>
            Stays blocked by {counted(left.length)} other:{' '}
            {left.map((block) => `${block.target} (${scopeText(block.scope)})`).join(', ')}
          </p>
        )}
        <TextInput
          label="Comment"
          description="Goes into the audit log"
          maxLength={500}
          value={comment}
          data-autofocus
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
        {lift.error && <Failure error={lift.error} />}
        <DialogButtons
          label={lifted.length > 1 ? `Lift ${lifted.length} blocks` : 'Lift'}
          isPending={lift.isPending}
          isReady={lifted.length > 0 && !listed}
          cancel={done}
        />
      </form>
    </Modal>
  );
}
