import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { Failure } from './failure.js';
import styles from './parts.module.css';

interface Asked {
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  refetch: () => unknown;
}

interface Props {
  asked: Asked;
  children: ReactNode;
}

/** What was asked for, in each of its states. An error stands beside what is there, dimmed while asked for again. */
export function Asked({ asked, children }: Props) {
  const { isPending, isFetching, error, refetch } = asked;
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {isPending && !error ? <Skeleton /> : null}
      {!isPending && (
        <div className={isFetching && error ? styles.dimmed : styles.whole} aria-busy={isFetching}>
          {children}
        </div>
      )}
    </>
  );
}

const SKELETON_AFTER_MS = 300;

export function Skeleton() {
  const isShown = useAfter(SKELETON_AFTER_MS);
  if (!isShown) return null;
  return (
    <div className={styles.skeleton} aria-busy="true">
      <span className={styles.hiddenText} role="status">
        Loading
      </span>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
        <div key={key} />
      ))}
    </div>
  );
}

/** Why there is nothing, and the one button that removes the cause. */
export function Empty({ why, remedy }: { why: string; remedy?: { label: string; act: () => void } | undefined }) {
  return (
    <div className={styles.empty} role="status">
      <p>{why}</p>
      {remedy && (
        <Button variant="default" size="compact-sm" onClick={remedy.act}>
          {remedy.label}
        </Button>
      )}
    </div>
  );
}

function useAfter(ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isOver;
}
