import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Person } from '../api/types.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import type { Done } from '../parts/undo.js';
import { When } from '../parts/when.js';
import { useSignedIn } from '../session/session.js';
import { useChangePerson, usePersonActs, usePersonSessions } from './people-queries.js';
import { RightsDialog } from './person-dialog.js';
import { SecretOnce } from './secret-once.js';
import { SessionList } from './session-list.js';
import { linkOf } from './words.js';

interface Props {
  person: Person;
  /** Offers to take a change of state back. */
  onState: (done: Done) => void;
}

/** One person: sessions, and what an administrator may do. */
export function PersonPanel({ person, onState }: Props) {
  const { name, state, isOfProvider, linkUntil } = person;
  const me = useSignedIn();
  const change = useChangePerson(name);
  const acts = usePersonActs(name);
  const sessions = usePersonSessions(name);
  const [dialog, setDialog] = useState<'rights' | 'remove'>();
  const isSelf = me.name === name;
  const toggle = () => {
    const disabled = state !== 'disabled';
    const text = disabled ? `${name} is disabled and signed out.` : `${name} may sign in again.`;
    change.mutate(
      { disabled },
      { onSuccess: () => onState({ text, undo: () => change.mutate({ disabled: !disabled }) }) },
    );
  };
  const failed = change.error ?? acts.endSessions.error ?? acts.link.error;
  return (
    <section className={page.panel} aria-label="The person">
      <Group justify="space-between">
        <h2>
          <HostileText text={name} />
        </h2>
        <Group gap="xs">
          <Act label="Role…" isOff={isSelf || isOfProvider} act={() => setDialog('rights')} />
          <Act label="New link…" isOff={isOfProvider || state === 'disabled'} act={() => acts.link.mutate()} />
          <Act label="End sessions" isOff={person.sessions === 0} act={() => acts.endSessions.mutate()} />
          <Act label={state === 'disabled' ? 'Enable' : 'Disable'} isOff={isSelf} act={toggle} />
          <Act label="Remove…" isOff={isSelf} act={() => setDialog('remove')} />
        </Group>
      </Group>
      {isSelf && <p className={page.note}>Your own role and state are changed by another administrator.</p>}
      {isOfProvider && <p className={page.note}>The sign-in provider decides about role, tenant and password.</p>}
      {linkUntil && (
        <p className={page.note}>
          A link to set the password works until <When iso={linkUntil} />, or until another one is made.
        </p>
      )}
      {failed && <Failure error={failed} />}
      <Asked asked={sessions}>
        <SessionList sessions={sessions.data?.sessions ?? []} />
      </Asked>
      {dialog === 'rights' && <RightsDialog person={person} close={() => setDialog(undefined)} />}
      {dialog === 'remove' && <RemoveDialog person={person} close={() => setDialog(undefined)} />}
      <Modal opened={acts.link.data !== undefined} onClose={acts.link.reset} title="One-time link" size="lg">
        {acts.link.data && (
          <SecretOnce
            label={`Link for ${name}`}
            note="Shown only now. It works once; the old password works until then, links of before no longer."
            secret={linkOf(acts.link.data.path)}
            done={acts.link.reset}
          />
        )}
      </Modal>
    </section>
  );
}

function Act({ label, isOff, act }: { label: string; isOff: boolean; act: () => void }) {
  return (
    <Button size="compact-sm" variant="default" disabled={isOff} onClick={act}>
      {label}
    </Button>
  );
}

/** Cannot be taken back: says what goes. */
function RemoveDialog({ person: { name, sessions }, close }: { person: Person; close: () => void }) {
  const { remove } = usePersonActs(name);
  return (
    <Modal opened onClose={close} title={`Remove ${name}`} size="lg">
      <p>
        Ends {countOf(sessions, 'open session')} and all tokens of this person. What they did stays in the audit log. To
        keep the name from being used again, disable instead.
      </p>
      {remove.error && <Failure error={remove.error} />}
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(undefined, { onSuccess: close })}>
          Remove
        </Button>
      </Group>
    </Modal>
  );
}
