import { Button } from '@mantine/core';
import { Failure } from '../parts/failure.js';
import { counted, countOf } from '../parts/numbers.js';
import { duration } from '../parts/times.js';
import styles from './events.module.css';
import type { useTail } from './use-tail.js';

interface Props {
  tail: ReturnType<typeof useTail>;
  /** Why the rows stand still; undefined while they move. */
  heldBy: string | undefined;
  release: () => void;
  pause: () => void;
}

/** What stands above the rows of the live tail: how fresh they are, what waits, and what it cannot show. */
export function LiveState({ tail, heldBy, release, pause }: Props) {
  const { delayMs, waitingCount, isCut, error, refetch } = tail;
  return (
    <>
      <div className={styles.live}>
        {heldBy === undefined ? (
          <>
            <span role="status">Live{delayMs !== undefined && `, ${duration(delayMs)} after arrival`}</span>
            <Button size="compact-sm" variant="default" onClick={pause}>
              Pause (p)
            </Button>
          </>
        ) : (
          <>
            <span>Held: {heldBy}.</span>
            <strong role="status">{counted(waitingCount)} new</strong>
            <Button size="compact-sm" onClick={release}>
              Go on (p)
            </Button>
          </>
        )}
        {isCut && <strong>More arrives than is shown: narrow the query.</strong>}
        <span>The newest {countOf(tail.rows.length, 'event')}; nothing that is more than a day old.</span>
      </div>
      {error && <Failure error={error} retry={() => void refetch()} />}
    </>
  );
}
