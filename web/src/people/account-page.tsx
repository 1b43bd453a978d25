import { Button, Group, PasswordInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { Failure } from '../parts/failure.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import { useSignedIn } from '../session/session.js';
import { useChangePassword, useEndMySession, useMySessions } from './people-queries.js';
import { SessionList } from './session-list.js';
import { Tokens } from './tokens.js';

/** What is one's own: sessions, password, tokens. */
export function AccountPage() {
  const me = useSignedIn();
  const sessions = useMySessions();
  const end = useEndMySession();
  return (
    <div className={page.scrolling}>
      <div className={page.head}>
        <h1>Your account</h1>
        <span className={page.note}>
          {me.name}, {me.role}, {me.tenant ? `tenant ${me.tenant}` : 'all tenants'}
        </span>
      </div>
      <section className={page.panel} aria-label="Sessions">
        <h2>Signed in</h2>
        {end.error && <Failure error={end.error} />}
        <Asked asked={sessions}>
          <SessionList sessions={sessions.data?.sessions ?? []} end={(id) => end.mutate(id)} />
        </Asked>
      </section>
      <section className={page.panel} aria-label="Tokens">
        <h2>Tokens of your programs</h2>
        <Tokens isAll={false} />
      </section>
      {me.isOfProvider ? null : <Password />}
    </div>
  );
}

function Password() {
  const change = useChangePassword();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    change.mutate({ old: String(form.get('old')), new: String(form.get('new')) });
  };
  return (
    <section className={page.panel} aria-label="Password">
      <h2>Password</h2>
      <p className={page.note}>A new one signs you out everywhere, here too.</p>
      <form onSubmit={submit}>
        <Group align="end">
          <PasswordInput name="old" label="Old" autoComplete="current-password" required maxLength={256} w={240} />
          <PasswordInput
            name="new"
            label="New, 12 characters or more"
            autoComplete="new-password"
            required
            minLength={12}
            maxLength={256}
            w={240}
          />
          <Button type="submit" variant="default" loading={change.isPending}>
            Change
          </Button>
        </Group>
        {change.error && <Failure error={change.error} />}
      </form>
    </section>
  );
}
