import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import page from '../parts/page.module.css';

interface Props {
  label: string;
  secret: string;
  note: string;
  done: () => void;
}

/** A link or a secret that nobody can read again. */
export function SecretOnce({ label, secret, note, done }: Props) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(secret).then(() => setCopied(true));
  return (
    <section aria-label={label}>
      <TextInput
        label={label}
        description={note}
        readOnly
        data-autofocus
        value={secret}
        classNames={{ input: page.mono ?? '' }}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={copy}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
        <Button onClick={done}>Done</Button>
      </Group>
    </section>
  );
}
