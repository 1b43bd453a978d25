import { Button, Checkbox, Menu, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SavedSearch } from '../api/types.js';
import { escaped } from '../parts/escape.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { useUndo } from '../parts/undo.js';
import { may, useSignedIn } from '../session/session.js';
import type { Looked } from './event-queries.js';
import styles from './events.module.css';
import { useRemoveSearch, useSavedSearches, useSaveSearch } from './saved-queries.js';

interface Props {
  looked: Looked;
  columns: string;
  open: (search: SavedSearch) => void;
}

/** Searches that were kept: one's own, and those that others of the tenant share. */
export function Saved({ looked, columns, open }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const searches = useSavedSearches(isOpen);
  const me = useSignedIn();
  const save = useSaveSearch();
  const remove = useRemoveSearch();
  const undo = useUndo();
  const takeOut = ({ id, name = '', query, from, to, columns: kept, isShared }: SavedSearch) =>
    remove.mutate(id, {
      onSuccess: () =>
        undo.offer({
          text: 'The search is removed.',
          undo: () => save.mutate({ name, query, from, to, columns: kept, isShared }),
        }),
    });
  const found = searches.data?.searches ?? [];
  return (
    <>
      <Menu position="bottom-end" opened={isOpen} onChange={setOpen}>
        <Menu.Target>
          <Button size="compact-sm" variant="default">
            Saved ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setSaving(true)}>Save this search…</Menu.Item>
          <Menu.Divider />
          {found.map((search) => (
            <div key={search.id} className={styles.saved}>
              <Menu.Item onClick={() => open(search)}>
                <HostileText text={search.name ?? ''} />
                {search.isShared && (
                  <span className={styles.told}>
                    {' '}
                    shared by <HostileText text={search.owner} />
                  </span>
                )}
              </Menu.Item>
              {(search.owner === me.name || may.administer(me.role)) && (
                <Menu.Item aria-label={`Remove ${escaped(search.name ?? '')}`} onClick={() => takeOut(search)}>
                  ×
                </Menu.Item>
              )}
            </div>
          ))}
          {searches.data && found.length === 0 && <Menu.Label>Nothing is saved yet.</Menu.Label>}
          {searches.error && <Failure error={searches.error} retry={() => void searches.refetch()} />}
        </Menu.Dropdown>
      </Menu>
      <SaveDialog isOpen={isSaving} close={() => setSaving(false)} looked={looked} columns={columns} />
      {remove.error && <Failure error={remove.error} />}
      {undo.bar}
    </>
  );
}

type DialogProps = Omit<Props, 'open'> & { isOpen: boolean; close: () => void };

function SaveDialog({ isOpen, close, looked, columns }: DialogProps) {
  const save = useSaveSearch();
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  return (
    <Modal opened={isOpen} onClose={close} title="Save this search">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const body = { ...looked, columns, name: name.trim(), isShared };
          save.mutate(body, {
            onSuccess: () => {
              setName('');
              close();
            },
          });
        }}
      >
        <TextInput
          label="Name"
          size="xs"
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Checkbox
          label="Share it with everybody of the tenant"
          checked={isShared}
          onChange={({ currentTarget }) => setShared(currentTarget.checked)}
        />
        {save.error && <Failure error={save.error} />}
        <Button type="submit" size="compact-sm" loading={save.isPending} disabled={name.trim() === ''}>
          Save
        </Button>
      </form>
    </Modal>
  );
}
