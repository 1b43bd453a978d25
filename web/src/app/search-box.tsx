import { TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type Ref, useState } from 'react';
import { may, useSignedIn } from '../session/session.js';
import { keptSearch, type Search } from './search.js';
import styles from './shell.module.css';
import { subjectOf } from './subject.js';

/** An address, a network or an alert's id opens its page; anything else asks Events. */
export function SearchBox({ ref }: { ref: Ref<HTMLInputElement> }) {
  const navigate = useNavigate();
  const { role } = useSignedIn();
  const [refusal, setRefusal] = useState<string>();
  const go = (text: string): string | undefined => {
    const subject = subjectOf(text);
    if (subject?.kind === 'address') {
      void navigate({ to: '/addresses/$address', params: { address: subject.address }, search: keptSearch });
    } else if (subject && !may.read(role)) {
      return 'This is no address.';
    } else if (subject?.kind === 'alert') {
      void navigate({ to: '/alerts/$id', params: { id: subject.id }, search: keptSearch });
    } else if (subject?.kind === 'user') {
      void navigate({ to: '/users/$name', params: { name: subject.name }, search: keptSearch });
    } else if (subject) {
      void navigate({ to: '/events', search: (before: Search) => ({ ...keptSearch(before), q: subject.query }) });
    }
    return undefined;
  };
  return (
    <search className={styles.search}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const refused = go(String(new FormData(form).get('text')));
          setRefusal(refused);
          if (refused === undefined) {
            form.reset();
            (document.activeElement as HTMLElement | null)?.blur();
          }
        }}
      >
        <TextInput
          ref={ref}
          name="text"
          size="xs"
          aria-label="Search"
          placeholder="Address, user:name, alert or query  ( / )"
          error={refusal}
          maxLength={10_000}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape') currentTarget.blur();
          }}
        />
      </form>
    </search>
  );
}
