import { Checkbox, Group, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DialogButtons } from '../parts/dialog-buttons.js';
import { Failure } from '../parts/failure.js';
import { SecretOnce } from './secret-once.js';
import { SCOPES, type Scope, useCreateToken } from './token-queries.js';

const DAYS = ['7', '30', '90', '366'].map((value) => ({ value, label: `${value} days` }));

/** Makes a token, and shows its secret once. */
export function TokenDialog({ isOwn, close }: { isOwn: boolean; close: () => void }) {
  const create = useCreateToken(isOwn);
  const [name, setName] = useState('');
  const [tenant, setTenant] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState('90');
  if (create.data)
    return (
      <Modal opened onClose={close} title="The new token" size="lg">
        <SecretOnce
          label={`Secret of ${create.data.name}`}
          note="Shown only now, and kept nowhere. The program sends it as Authorization: Bearer …"
          secret={create.data.secret}
          done={close}
        />
      </Modal>
    );
  const submit = () =>
    create.mutate({ name: name.trim(), scopes: scopes as Scope[], days: Number(days), tenant: tenant.trim() });
  return (
    <Modal opened onClose={close} title={isOwn ? 'A token of your own' : 'A token of the installation'} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Group grow align="start">
          <TextInput
            label="Token"
            placeholder="backup"
            required
            maxLength={64}
            data-autofocus
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          {!isOwn && (
            <TextInput
              label="Tenant"
              placeholder="all tenants"
              maxLength={100}
              value={tenant}
              onChange={({ currentTarget }) => setTenant(currentTarget.value)}
            />
          )}
          <Select
            label="For"
            data={DAYS}
            allowDeselect={false}
            value={days}
            onChange={(chosen) => setDays(chosen ?? days)}
          />
        </Group>
        <Checkbox.Group label="May" mt="sm" value={scopes} onChange={setScopes}>
          {SCOPES.map((scope) => (
            <Checkbox key={scope} mt="xs" value={scope} label={scope} />
          ))}
        </Checkbox.Group>
        {isOwn && <p>It may never do more than you may at the time, and ends with your account.</p>}
        {create.error && <Failure error={create.error} />}
        <DialogButtons
          label="Make"
          isPending={create.isPending}
          isReady={name.trim() !== '' && scopes.length > 0}
          cancel={close}
        />
      </form>
    </Modal>
  );
}
