import { Group, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Block, Preview } from '../api/types.js';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';
import { useBlock, usePreview, type Wanted } from './block-queries.js';
import { Until } from './until.js';
import { hostsText, portsText, scopeText } from './words.js';

const DURATIONS = [
  { value: '30m', label: '30 min' },
  { value: '2h', label: '2 h' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
];

const PORTS = [
  { value: 'all', label: 'All' },
  { value: 'web', label: 'Web ports only' },
];

interface Props {
  isOpen: boolean;
  close: () => void;
  /** Filled in. */
  target?: string;
  /** Another end is wanted for this one, by hand. */
  extends?: Block | undefined;
  onBlocked?: (target: string) => void;
}

/** Blocks by hand: first what it would do, then the act. A change of what is wanted asks for a new preview. */
export function BlockDialog({ isOpen, close, target = '', extends: extended, onBlocked }: Props) {
  const preview = usePreview();
  const block = useBlock();
  const { scope = 'fleet', ports = 'all' } = extended ?? {};
  const usual: Wanted = { target: extended?.target ?? target, scope, duration: '2h', ports };
  const [wanted, setWanted] = useState(usual);
  const [comment, setComment] = useState('');
  const change = (changed: Partial<Wanted>) => {
    setWanted({ ...wanted, ...changed });
    preview.reset();
    block.reset();
  };
  const done = () => {
    change(usual);
    setComment('');
    close();
  };
  const seen = preview.data;
  const submit = () => {
    if (!seen) preview.mutate(wanted);
    else if (seen.allowed) {
      const onSuccess = () => {
        done();
        onBlocked?.(seen.target);
      };
      block.mutate({ ...wanted, comment: comment.trim() }, { onSuccess });
    }
  };
  const isReady = seen ? seen.allowed && comment.trim() !== '' : wanted.target.trim() !== '';
  return (
    <Modal
      opened={isOpen}
      onClose={done}
      title={extended ? 'Another end for a block' : 'Block an address or network'}
      size="lg"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Group grow align="start">
          <TextInput
            label="Address or network"
            placeholder="198.51.100.0/24"
            required
            data-autofocus
            maxLength={80}
            value={wanted.target}
            onChange={({ currentTarget }) => change({ target: currentTarget.value })}
          />
          <TextInput
            label="Scope"
            placeholder="fleet, tenant:NAME, host:NAME"
            value={wanted.scope}
            onChange={({ currentTarget }) => change({ scope: currentTarget.value })}
          />
          <Select
            label="For"
            data={DURATIONS}
            allowDeselect={false}
            value={wanted.duration}
            onChange={(duration) => change({ duration: duration ?? usual.duration })}
          />
          <Select
            label="Ports"
            data={PORTS}
            allowDeselect={false}
            value={wanted.ports}
            onChange={(value) => change({ ports: value === 'web' ? 'web' : 'all' })}
          />
        </Group>
        {preview.error && <Failure error={preview.error} />}
        {seen && <Seen preview={seen} />}
        {seen?.allowed && (
          <TextInput
            mt="sm"
            label="Why"
            required
            maxLength={500}
            autoFocus
            value={comment}
            onChange={({ currentTarget }) => setComment(currentTarget.value)}
          />
        )}
        {block.error && <Failure error={block.error} />}
        <DialogButtons
          label={seen ? 'Block' : 'Preview'}
          isPending={preview.isPending || block.isPending}
          isReady={isReady}
          cancel={done}
        />
      </form>
    </Modal>
  );
}

function Seen({ preview }: { preview: Preview }) {
  const { target, scope, ports, allowed, reason, except, covers, hosts, coveredBy, until } = preview;
  const before = coveredBy.find(
    (block) => block.target === target && block.scope === scope && block.state === 'active',
  );
  return (
    <section aria-label="Preview" role="status">
      <p>
        <strong>
          <HostileText text={target} />
        </strong>{' '}
        {allowed ? `will be blocked${portsText({ ports })}` : 'will not be blocked'}
        {allowed && except.length > 0 && ` except ${except.join(', ')}`}
        {reason && (
          <>
            : <HostileText text={reason} />
          </>
        )}
      </p>
      {allowed && (
        <dl className={page.facts}>
          <dt>Covers</dt>
          <dd>{countOf(Number(covers), 'address', 'addresses')}</dd>
          <dt>Where</dt>
          <dd>
            {scopeText(scope)}, {hostsText(hosts)}
          </dd>
          <dt>Until</dt>
          <dd>
            <When iso={until} />
            {before && (
              <>
                , in place of <Until block={before} />
              </>
            )}
          </dd>
          <dt>Already</dt>
          <dd>
            {coveredBy.length === 0 ? 'nothing of it is blocked' : coveredBy.map((block) => block.target).join(', ')}
          </dd>
        </dl>
      )}
    </section>
  );
}
