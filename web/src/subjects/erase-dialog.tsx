import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Skeleton } from '../parts/states.js';

interface Props {
  isOpen: boolean;
  close: () => void;
  kind: 'address' | 'user';
  value: string;
}

/** What would be removed and what would remain, before it is; then what was. Nothing brings it back. */
export function EraseDialog({ isOpen, close, kind, value }: Props) {
  const [reference, setReference] = useState('');
  const preview = useQuery({
    queryKey: ['erasure', kind, value],
    queryFn: () => answer(api.POST('/erasures/preview', { body: { kind, value } })),
    enabled: isOpen,
    gcTime: 0,
  });
  const erase = useMutation({
    mutationFn: () => answer(api.POST('/erasures', { body: { kind, value, reference: reference.trim() } })),
    onSuccess: () => refresh('address', 'user', 'events', 'alerts', 'alert', 'overview'),
  });
  const done = () => {
    erase.reset();
    setReference('');
    close();
  };
  return (
    <Modal opened={isOpen} onClose={done} title="Erase what is stored" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate();
        }}
      >
        <p>
          <strong>
            <HostileText text={value} />
          </strong>
          {erase.data ? ' is erased.' : ' will be gone from the stores for good. Nothing brings it back.'}
        </p>
        {preview.isPending && <Skeleton />}
        {preview.error && <Failure error={preview.error} retry={() => void preview.refetch()} />}
        {erase.data ? (
          <Counts
            rows={[
              ['Events', erase.data.events],
              ['Alerts', erase.data.alerts],
              ['Other alerts that named it', erase.data.changedAlerts],
              ['Notes on alerts', erase.data.notes],
              ['News still to be told', erase.data.news],
              ['Blocks that were over', erase.data.blocks],
            ]}
          />
        ) : (
          preview.data && (
            <>
              <Counts
                rows={[
                  ['Events', preview.data.events],
                  ['Alerts', preview.data.alerts],
                  ['Other alerts that name it', preview.data.changedAlerts],
                ]}
              />
              {preview.data.blocksInForce > 0 && (
                <p>{countOf(preview.data.blocksInForce, 'block')} in force will stay until they end.</p>
              )}
              <h3>What remains</h3>
              <ul className={page.plainList}>
                {preview.data.remains.map(({ what, until }) => (
                  <li key={what}>
                    {what}: until {until}
                  </li>
                ))}
              </ul>
              <TextInput
                label="Reference"
                description="Number of the request that asks for it, for the audit log; never a name"
                required
                maxLength={100}
                value={reference}
                data-autofocus
                onChange={({ currentTarget }) => setReference(currentTarget.value)}
              />
            </>
          )
        )}
        {erase.error && <Failure error={erase.error} />}
        <Group mt="md" justify="flex-end">
          <Button variant="default" onClick={done}>
            {erase.data ? 'Close' : 'Cancel'}
          </Button>
          {!erase.data && (
            <Button
              type="submit"
              color="red"
              loading={erase.isPending}
              disabled={!preview.data || reference.trim() === ''}
            >
              Erase
            </Button>
          )}
        </Group>
      </form>
    </Modal>
  );
}

function Counts({ rows }: { rows: readonly (readonly [string, number])[] }) {
  return (
    <dl className={page.facts}>
      {rows.map(([what, count]) => [<dt key={what}>{what}</dt>, <dd key={`${what} count`}>{counted(count)}</dd>])}
    </dl>
  );
}
