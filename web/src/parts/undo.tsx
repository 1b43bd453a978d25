import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useKeys } from '../app/use-keys.js';
import styles from './undo.module.css';

/** What was done, and how to take it back. */
export interface Done {
  text: string;
  undo: () => void;
}

const SHOWN_MS = 10_000;

/** Offers to undo the last act for ten seconds, by `u` or its button. */
export function useUndo(): { offer: (done: Done) => void; bar: React.ReactNode } {
  const [done, setDone] = useState<Done>();
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const undo = () => {
    done?.undo();
    setDone(undefined);
  };
  useKeys({ u: undo });
  const bar = (
    <div className={styles.place} role="status">
      {done && (
        <div className={styles.bar}>
          {done.text}
          <Button size="compact-sm" variant="default" onClick={undo}>
            Undo (u)
          </Button>
        </div>
      )}
    </div>
  );
  return { offer: setDone, bar };
}
