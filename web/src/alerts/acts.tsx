import { Button, Menu } from '@mantine/core';
import type { Alert } from '../api/types.js';
import { useKeys } from '../app/use-keys.js';
import { useUndo } from '../parts/undo.js';
import { may, useSignedIn } from '../session/session.js';
import { type Note, useNoteAlerts } from './alert-queries.js';

type Verdict = 'true-positive' | 'false-positive';

/**
 * What people do with these alerts, by keys too: saved at once, and offered to be undone, each alert to what it was.
 * `called`: the alerts, as the beginning of a sentence.
 */
export function useActs(alerts: Pick<Alert, 'id' | 'status' | 'assignee'>[], called: string, done?: () => void) {
  const me = useSignedIn();
  const note = useNoteAlerts();
  const undo = useUndo();
  const mayAct = may.decide(me.role);
  const run = (change: Note, what: string) => {
    if (alerts.length === 0 || !mayAct) return;
    const before = alerts.map(({ id, status, assignee }) => ({ id, status, assignee: assignee ?? null }));
    note.mutate({ ids: alerts.map(({ id }) => id), note: change });
    undo.offer({
      text: `${called} ${what}.`,
      undo: () => {
        for (const { id, ...was } of before) note.mutate({ ids: [id], note: was });
      },
    });
    done?.();
  };
  const acknowledge = () => run({ status: 'acknowledged' }, 'acknowledged');
  const assign = () => run({ assignee: me.name }, `assigned to ${me.name}`);
  const reopen = () => run({ status: 'open' }, 'reopened');
  const close = (verdict: Verdict) => run({ status: 'closed', verdict }, `closed as ${verdict.replace('-', ' ')}`);
  useKeys({
    a: acknowledge,
    m: assign,
    'e 1': () => close('true-positive'),
    'e 2': () => close('false-positive'),
  });
  return { mayAct, acknowledge, assign, reopen, close, error: note.error, bar: undo.bar };
}

interface CloseProps {
  label: string;
  isDisabled?: boolean;
  close: (verdict: Verdict) => void;
}

/** Nothing is closed without a verdict. */
export function CloseMenu({ label, isDisabled = false, close }: CloseProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default" disabled={isDisabled}>
          {label} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => close('true-positive')}>True positive (e 1)</Menu.Item>
        <Menu.Item onClick={() => close('false-positive')}>False positive (e 2)</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
