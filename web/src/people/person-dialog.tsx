import { Group, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Person, Role } from '../api/types.js';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Failure } from '../parts/failure.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { type Rights, useChangePerson, useInvite } from './people-queries.js';
import { SecretOnce } from './secret-once.js';
import { linkOf, ROLE_WORDS } from './words.js';

const ROLES = Object.keys(ROLE_WORDS) as Role[];

/** Invites somebody, and shows the link once. */
export function InviteDialog({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const invite = useInvite();
  const [name, setName] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'viewer', tenant: '' });
  const done = () => {
    invite.reset();
    setName('');
    close();
  };
  return (
    <Modal opened={isOpen} onClose={done} title="Invite somebody" size="lg">
      {invite.data ? (
        <SecretOnce
          label={`Link for ${invite.data.name}`}
          note="Shown only now. Whoever opens it sets the password; it works once, for three days."
          secret={linkOf(invite.data.link.path)}
          done={done}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            invite.mutate({ name: name.trim(), role: rights.role, tenant: rights.tenant.trim() });
          }}
        >
          <TextInput
            label="Name"
            required
            maxLength={64}
            data-autofocus
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <RightsFields rights={rights} set={setRights} />
          {invite.error && <Failure error={invite.error} />}
          <DialogButtons label="Invite" isPending={invite.isPending} isReady={name.trim() !== ''} cancel={done} />
        </form>
      )}
    </Modal>
  );
}

/** Another role or tenant; says first what it does. */
export function RightsDialog({ person, close }: { person: Person; close: () => void }) {
  const change = useChangePerson(person.name);
  const [rights, setRights] = useState<Rights>({ role: person.role, tenant: person.tenant ?? '' });
  const tenant = rights.tenant.trim();
  const isOther = rights.role !== person.role || tenant !== (person.tenant ?? '');
  return (
    <Modal opened onClose={close} title={`Role and tenant of ${person.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ role: rights.role, tenant: tenant || null }, { onSuccess: close });
        }}
      >
        <RightsFields rights={rights} set={setRights} />
        <p>
          Holds at once, and ends{' '}
          {person.sessions === 0 ? 'no session' : `their ${countOf(person.sessions, 'open session')}`}.
        </p>
        {change.error && <Failure error={change.error} />}
        <DialogButtons label="Change" isPending={change.isPending} isReady={isOther} cancel={close} />
      </form>
    </Modal>
  );
}

function RightsFields({ rights, set }: { rights: Rights; set: (rights: Rights) => void }) {
  return (
    <>
      <Group grow align="start">
        <Select
          label="Role"
          data={ROLES}
          allowDeselect={false}
          value={rights.role}
          onChange={(role) => set({ ...rights, role: (role ?? rights.role) as Role })}
        />
        <TextInput
          label="Tenant"
          placeholder="all tenants"
          maxLength={100}
          value={rights.tenant}
          onChange={({ currentTarget }) => set({ ...rights, tenant: currentTarget.value })}
        />
      </Group>
      <p className={page.note}>{ROLE_WORDS[rights.role]}</p>
    </>
  );
}
