import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import type { Range } from '../app/range.js';
import { Failure } from '../parts/failure.js';
import page from '../parts/page.module.css';
import { caretOf } from './caret.js';
import styles from './events.module.css';
import { QueryField } from './query-field.js';

interface Props {
  query: string;
  /** Whose values are offered. */
  range: Range;
  run: (query: string) => void;
  error: Error | null;
}

/** The query as text. What cannot be read keeps its text, and shows where. */
export function QueryBar({ query, range, run, error }: Props) {
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
        <QueryField text={text} setText={setText} range={range} />
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
