import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';

/** Attacks this very service from an address that no host has, and shows what became of it step by step. */
export function SelfTest() {
  const [isOpen, setOpen] = useState(false);
  const test = useMutation({
    mutationFn: () => answer(api.POST('/system/selftest')),
    onSettled: () => void queryClient.invalidateQueries(),
  });
  const begin = () => {
    setOpen(true);
    test.mutate();
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={begin} loading={test.isPending}>
        Self-test
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Self-test" size="lg">
        <div role="status">
          {test.isPending && 'An attack is under way, from an address for documentation …'}
          {test.error && <Failure error={test.error} retry={() => test.mutate()} />}
          {test.data && (
            <>
              <Pill tone={test.data.ok ? 'good' : 'danger'}>{test.data.ok ? 'Everything works' : 'Failed'}</Pill>
              <ol>
                {test.data.steps.map(({ step, ok, detail, afterMs }) => (
                  <li key={step + detail}>
                    {ok ? '✓' : '✗ failed:'} {step}, {counted(afterMs)} ms: <HostileText text={detail} />
                  </li>
                ))}
              </ol>
              <p className={page.note}>
                Its block is lifted again; its alert of {test.data.address} stays, to be looked at and closed.
              </p>
            </>
          )}
        </div>
      </Modal>
    </>
  );
}
