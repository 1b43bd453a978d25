import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Session } from '../api/types.js';
import { keptSearch } from '../app/search.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';

interface Props {
  sessions: Session[];
  /** Absent: they are only shown. */
  end?: (id: string) => void;
}

/** Where somebody is signed in. */
export function SessionList({ sessions, end }: Props) {
  if (sessions.length === 0) return <p className={page.note}>Signed in nowhere.</p>;
  return (
    <ul className={page.plainList}>
      {sessions.map((session) => {
        const { id, from, created, until } = session;
        return (
          <li key={id}>
            {from === undefined ? (
              'From an unknown address'
            ) : (
              <>
                From{' '}
                <Link to="/addresses/$address" params={{ address: from }} search={keptSearch}>
                  {from}
                </Link>
              </>
            )}
            , since <When iso={created} />, until <When iso={until} />
            {'isThis' in session && session.isThis && ' (this one)'}{' '}
            {end && !('isThis' in session && session.isThis) && (
              <Button size="compact-sm" variant="default" onClick={() => end(id)}>
                End
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
