import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import type { Alert } from '../api/types.js';
import { useKeys } from '../app/use-keys.js';
import { useListUndo } from '../lists/use-list-undo.js';
import { useUndo } from '../parts/undo.js';
import { may, useSignedIn } from '../session/session.js';
import { type Note, useNoteAlerts } from './alert-queries.js';
import { PreventionDialog } from './prevention.js';

type Acted = Pick<Alert, 'id' | 'title' | 'status' | 'assignee'>;
type Verdict = 'true-positive' | 'false-positive';

/**
 * What people do with these alerts, by keys too: saved at once, and offered to be undone, each alert to what it was.
 * `called`: the alerts, as the beginning of a sentence.
 */
export function useActs(alerts: Acted[], called: string, done?: () => void) {
  const me = useSignedIn();
  const note = useNoteAlerts();
  const undo = useUndo();
  const listUndo = useListUndo(undo);
  const mayAct = may.decide(me.role);
  /** A single false positive: what would have prevented it is offered. */
  const [mistaken, setMistaken] = useState<Acted>();
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
  const close = (verdict: Verdict) => {
    run({ status: 'closed', verdict }, `closed as ${verdict.replace('-', ' ')}`);
    if (mayAct && verdict === 'false-positive' && alerts.length === 1) setMistaken(alerts[0]);
  };
  useKeys({
    a: acknowledge,
    m: assign,
    'e 1': () => close('true-positive'),
    'e 2': () => close('false-positive'),
  });
  const bar = (
    <>
      {undo.bar}
      <PreventionDialog alert={mistaken} close={() => setMistaken(undefined)} onSaved={listUndo.offer} />
    </>
  );
  return { mayAct, acknowledge, assign, reopen, close, error: note.error ?? listUndo.error, bar };
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
