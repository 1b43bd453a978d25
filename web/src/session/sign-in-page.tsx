import { Button, PasswordInput, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { Failure } from '../parts/failure.js';
import { ProviderButton } from './provider-button.js';
import { useSignIn } from './session.js';
import styles from './session.module.css';

/** Shown in the place of the page that was asked for; its address stays. */
export function SignInPage() {
  const signIn = useSignIn();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ name: String(form.get('name')).trim(), password: String(form.get('password')) });
  };
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit}>
        <Brand />
        <h1>Sign in</h1>
        <TextInput name="name" label="Name" autoComplete="username" autoFocus required maxLength={64} />
        <PasswordInput name="password" label="Password" autoComplete="current-password" required maxLength={256} />
        {signIn.error && <Failure error={signIn.error} />}
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        <ProviderButton />
      </form>
    </main>
  );
}

export function Brand() {
  return (
    <div className={styles.brand}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      Fleetwall
    </div>
  );
}
