import { Button } from '@mantine/core';
import type { Session } from '../api/types.js';
import page from '../parts/page.module.css';
import { SubjectLink } from '../parts/subject-link.js';
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
        const isThis = 'isThis' in session && session.isThis;
        return (
          <li key={id}>
            {from === undefined ? (
              'From an unknown address'
            ) : (
              <>
                From <SubjectLink field="source.ip" value={from} />
              </>
            )}
            , since <When iso={created} />, until <When iso={until} />
            {isThis && ' (this one)'}{' '}
            {end && !isThis && (
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
