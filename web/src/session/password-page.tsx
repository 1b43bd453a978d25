import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../api/client.js';
import { nowIs } from '../api/query-client.js';
import { Failure } from '../parts/failure.js';
import styles from './session.module.css';
import { Brand } from './sign-in-page.js';

/** Who was invited, or forgot the password, with the link that an administrator gave: `/password#TOKEN`. */
export function PasswordPage() {
  const navigate = useNavigate();
  const [token] = useState(() => window.location.hash.slice(1));
  const setPassword = useMutation({
    mutationFn: (password: string) => answer(api.POST('/session/link', { body: { token: token || '-', password } })),
    onSuccess: (me) => {
      nowIs(me);
      void navigate({ to: '/', replace: true });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setPassword.mutate(String(new FormData(event.currentTarget).get('password')));
  };
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit}>
        <Brand />
        <h1>Choose a password</h1>
        <p className={styles.note}>The link works once. Whoever is signed in with the old password is signed out.</p>
        <PasswordInput
          name="password"
          label="Password"
          description="12 characters or more"
          autoComplete="new-password"
          autoFocus
          required
          minLength={12}
          maxLength={256}
        />
        {setPassword.error && <Failure error={setPassword.error} />}
        <Button type="submit" loading={setPassword.isPending}>
          Set password
        </Button>
      </form>
    </main>
  );
}
