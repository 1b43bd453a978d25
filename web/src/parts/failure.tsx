import { Button } from '@mantine/core';
import { ProblemError } from '../api/problem.js';
import { HostileText } from './hostile-text.js';
import styles from './parts.module.css';

/** An error as the API told it: text, hint, code; beside what was loaded, never in its place. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof ProblemError ? error.problem : undefined;
  return (
    <div className={styles.failure} role="alert">
      <div>
        <strong>
          <HostileText text={problem?.detail ?? 'The console itself failed at this.'} />
        </strong>
        {problem?.hint && (
          <div>
            <HostileText text={problem.hint} />
          </div>
        )}
        <div>
          <code>{problem?.code ?? error.name}</code>
        </div>
      </div>
      {retry && (
        <Button size="compact-sm" variant="default" onClick={retry}>
          Retry
        </Button>
      )}
    </div>
  );
}
