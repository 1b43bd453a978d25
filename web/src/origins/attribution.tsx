import { Fragment } from 'react';
import { useOriginSources } from './origin-queries.js';
import styles from './origins.module.css';

/** Whom the licences of the tables want named on every page that shows what they say. */
export function Attribution() {
  const sources = useOriginSources() ?? [];
  if (sources.length === 0) return null;
  return (
    <span className={styles.attribution}>
      Countries and networks:{' '}
      {sources.map(({ name, url }, i) => (
        <Fragment key={name}>
          {i > 0 && ', '}
          <a href={url} target="_blank" rel="noreferrer">
            {name}
          </a>
        </Fragment>
      ))}
    </span>
  );
}
