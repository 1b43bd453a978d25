import { Button, Menu, UnstyledButton } from '@mantine/core';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Me } from '../api/types.js';
import { Attribution } from '../origins/attribution.js';
import { Failure } from '../parts/failure.js';
import { Skeleton } from '../parts/states.js';
import { may, useAccount, useMe, useSignedIn, useSignOut } from '../session/session.js';
import { Brand, SignInPage } from '../session/sign-in-page.js';
import { ColorScheme } from './color-scheme.js';
import { KeyHelp } from './key-help.js';
import { Nav } from './nav.js';
import { pagesOf } from './pages.js';
import { RangePicker } from './range-picker.js';
import { keptSearch } from './search.js';
import { SearchBox } from './search-box.js';
import styles from './shell.module.css';
import { StatusStrip } from './status-strip.js';
import { TenantPicker } from './tenant-picker.js';
import { useKeys } from './use-keys.js';

/** What is around every page. Nobody signed in: the sign-in in its place, and the address stays. */
export function Shell() {
  const me = useMe();
  if (me.isPending) return <Skeleton />;
  if (me.data) return <Frame />;
  return me.error ? (
    <main className={styles.page}>
      <Failure error={me.error} retry={() => void me.refetch()} />
    </main>
  ) : (
    <SignInPage />
  );
}

function Frame() {
  const me = useSignedIn();
  const account = useAccount();
  const { role } = me;
  const [isHelp, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useGoKeys(me);
  useKeys({ '/': () => search.current?.focus(), '?': () => setHelp(true) });
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#page">
        To the page
      </a>
      <header className={styles.top}>
        <div className={styles.brand}>
          <Brand />
        </div>
        <SearchBox ref={search} />
        {may.read(role) && <RangePicker />}
        {may.read(role) && account.tenant === undefined && <TenantPicker />}
        <AccountMenu onHelp={() => setHelp(true)} />
      </header>
      <Nav onSearch={() => search.current?.focus()} />
      <main id="page" className={styles.page} tabIndex={-1}>
        <Outlet />
      </main>
      <footer className={styles.strip}>
        {may.read(role) && <StatusStrip />}
        <Attribution />
      </footer>
      <KeyHelp isOpen={isHelp} close={() => setHelp(false)} />
    </div>
  );
}

function useGoKeys(me: Me): void {
  const navigate = useNavigate();
  const bindings = pagesOf(me).flatMap((page) =>
    'key' in page ? [[`g ${page.key}`, () => void navigate({ to: page.to, search: keptSearch })]] : [],
  );
  useKeys(Object.fromEntries(bindings));
}

function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useAccount();
  const signOut = useSignOut();
  return (
    <div className={styles.account}>
      <Button variant="subtle" size="compact-sm" onClick={onHelp} aria-label="Keys and help">
        ?
      </Button>
      <ColorScheme />
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <UnstyledButton className={styles.me}>{me.name}</UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {me.role}, {me.tenant ? `tenant ${me.tenant}` : 'all tenants'}
          </Menu.Label>
          <Menu.Item component={Link} to="/account">
            Your account
          </Menu.Item>
          <Menu.Item onClick={() => signOut.mutate(me)}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
