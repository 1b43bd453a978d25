import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../api/client.js';
import { nowIs } from '../api/query-client.js';
import { Failure } from '../parts/failure.js';
import styles from './session.module.css';
import { Brand } from './sign-in-page.js';

/** The first administrator, with the link that the first start printed: `/setup#TOKEN`. A fragment is sent nowhere. */
export function SetUpPage() {
  const navigate = useNavigate();
  const [given] = useState(() => tokenOf(window.location));
  const setUp = useMutation({
    mutationFn: (body: { token: string; name: string; password: string }) => answer(api.POST('/setup', { body })),
    onSuccess: (me) => {
      nowIs(me);
      void navigate({ to: '/overview', replace: true });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setUp.mutate({ token: given || text('token').trim(), name: text('name').trim(), password: text('password') });
  };
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit}>
        <Brand />
        <h1>Create the first administrator</h1>
        <p className={styles.note}>This works once.</p>
        {given === '' && (
          <TextInput name="token" label="Token" description="From the link that the first start printed" required />
        )}
        <TextInput name="name" label="Name" autoComplete="username" autoFocus required maxLength={64} />
        <PasswordInput
          name="password"
          label="Password"
          description="12 characters or more"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={256}
        />
        {setUp.error && <Failure error={setUp.error} />}
        <Button type="submit" loading={setUp.isPending}>
          Create
        </Button>
      </form>
    </main>
  );
}

/** `#TOKEN`, `#token=TOKEN` or `?token=TOKEN`. */
function tokenOf({ hash, search }: Location): string {
  const fragment = hash.slice(1);
  return new URLSearchParams(search).get('token') ?? new URLSearchParams(fragment).get('token') ?? fragment;
}
