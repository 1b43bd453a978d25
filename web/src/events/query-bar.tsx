import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { Failure } from '../parts/failure.js';
import page from '../parts/page.module.css';
import { caretOf } from './caret.js';
import styles from './events.module.css';

interface Props {
  query: string;
  run: (query: string) => void;
  error: Error | null;
}

/** The query as text. What cannot be read keeps its text, and shows where. */
export function QueryBar({ query, run, error }: Props) {
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  const problem = error instanceof ProblemError ? error.problem : undefined;
  const caret = problem?.column === undefined ? undefined : caretOf(query, problem.column);
  return (
    <form
      className={styles.query}
      onSubmit={(event) => {
        event.preventDefault();
        run(text.trim());
      }}
    >
      <div className={page.head}>
        <TextInput
          className={styles.query}
          size="xs"
          aria-label="Query"
          placeholder="source.ip:203.0.113.0/24 AND event.outcome:failure"
          value={text}
          maxLength={10_000}
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Button type="submit" size="compact-sm">
          Run
        </Button>
        {query !== '' && (
          <Button size="compact-sm" variant="default" onClick={() => run('')}>
            Clear
          </Button>
        )}
      </div>
      {caret && error && (
        <>
          <pre className={styles.caret}>{caret}</pre>
          <Failure error={error} />
        </>
      )}
    </form>
  );
}
