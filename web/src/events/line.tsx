import type { Event } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import styles from './events.module.css';
import { spansOf } from './spans.js';

/** A raw line; what was parsed out of it is outlined and named. Never wrapped, no links. */
export function RawLine({ event }: { event: Event }) {
  return (
    <code className={styles.raw}>
      {spansOf(event).map(({ at, text, field }) =>
        field ? (
          <mark key={at} className={styles.span} title={field}>
            <HostileText text={text} />
          </mark>
        ) : (
          <HostileText key={at} text={text} />
        ),
      )}
    </code>
  );
}
