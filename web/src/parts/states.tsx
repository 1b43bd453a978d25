import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { queryClient } from '../api/query-client.js';
import { Failure } from './failure.js';
import styles from './parts.module.css';

interface Asked {
  isPending: boolean;
  isFetching: boolean;
  /** What is shown was asked for before: another range, another query. */
  isPlaceholderData?: boolean;
  error: Error | null;
  refetch: () => unknown;
}

interface Props {
  asked: Asked;
  children: ReactNode;
}

/**
 * What was asked for, in each of its states. Rows of the search before stay, dimmed, until those of this one are there; an
 * error stands beside what is there. After three seconds it can be given up.
 */
export function Asked({ asked, children }: Props) {
  const { isPending, isFetching, isPlaceholderData = false, error, refetch } = asked;
  const isOld = isPlaceholderData || (isFetching && error !== null);
  const isWaiting = isFetching && (isPending || isPlaceholderData);
  const [isGivenUp, setGivenUp] = useState(false);
  useEffect(() => {
    if (isFetching) setGivenUp(false);
  }, [isFetching]);
  const isOver = isGivenUp && !isFetching && (isPending || isPlaceholderData);
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {isWaiting && <Cancel onCancel={() => setGivenUp(true)} />}
      {isOver && (
        <Empty
          why={isPending ? 'Given up: nothing was loaded.' : 'Given up: the rows below are those of the search before.'}
          remedy={{ label: 'Ask again', act: () => void refetch() }}
        />
      )}
      {isPending && !error && !isOver ? <Skeleton /> : null}
      {!isPending && (
        <div className={isOld ? styles.dimmed : styles.whole} aria-busy={isFetching}>
          {children}
        </div>
      )}
    </>
  );
}

const CANCEL_AFTER_MS = 3_000;

/** There only after three seconds: most answers are there before. */
function Cancel({ onCancel }: { onCancel: () => void }) {
  const isShown = useAfter(CANCEL_AFTER_MS);
  if (!isShown) return null;
  return (
    <div className={styles.waiting} role="status">
      This takes longer than usual.
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          onCancel();
          void queryClient.cancelQueries({ type: 'active', fetchStatus: 'fetching' });
        }}
      >
        Cancel
      </Button>
    </div>
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
