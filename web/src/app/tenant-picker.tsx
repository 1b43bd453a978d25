import { Button, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { answer, api } from '../api/client.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { useSearchState } from './search.js';
import styles from './shell.module.css';

const MOST_SHOWN = 50;
const KEPT_MS = 300_000;

/** For who answers for all tenants: which one the pages are about. Page, query and range stay. */
export function TenantPicker() {
  const [search, change] = useSearchState();
  const [isOpen, setOpen] = useState(false);
  const [sought, setSought] = useState('');
  const names = useQuery({
    queryKey: ['tenant names'],
    queryFn: ({ signal }) => answer(api.GET('/tenant-names', { signal })),
    staleTime: KEPT_MS,
  });
  const all = names.data?.names ?? [];
  if (search.tenant === undefined && all.length < 2) return null;
  const found = all.filter((name) => name.toLowerCase().includes(sought.trim().toLowerCase()));
  // What a page has open is of the tenant before.
  const look = (tenant: string) => {
    change({ tenant, row: '', block: '' });
    setOpen(false);
  };
  const choice = (tenant: string, shown: ReactNode) => (
    <li key={tenant}>
      <UnstyledButton
        className={styles.choice}
        aria-current={(search.tenant ?? '') === tenant}
        onClick={() => look(tenant)}
      >
        {shown}
      </UnstyledButton>
    </li>
  );
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button variant={search.tenant ? 'filled' : 'default'} size="compact-sm" onClick={() => setOpen(!isOpen)}>
          {search.tenant ? (
            <>
              Tenant&nbsp;
              <HostileText text={search.tenant} />
            </>
          ) : (
            'All tenants'
          )}
          &nbsp;▾
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <TextInput
          size="xs"
          aria-label="Find a tenant"
          placeholder={`One of ${all.length}`}
          value={sought}
          data-autofocus
          onChange={({ currentTarget }) => setSought(currentTarget.value)}
          onKeyDown={({ key }) => key === 'Enter' && found[0] !== undefined && look(found[0])}
        />
        <ul className={styles.choices} aria-label="Tenants">
          {choice('', 'All tenants')}
          {found.slice(0, MOST_SHOWN).map((name) => choice(name, <HostileText text={name} />))}
        </ul>
        {found.length > MOST_SHOWN && <span className={page.note}>and {found.length - MOST_SHOWN} more</span>}
        {found.length === 0 && <span className={page.note}>No tenant has this in its name.</span>}
      </Popover.Dropdown>
    </Popover>
  );
}
