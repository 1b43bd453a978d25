import { HostileText } from '../parts/hostile-text.js';
import { useNames } from './origin-queries.js';
import styles from './origins.module.css';

/** Of a network there is no one name. */
const isSingle = (address: string) => !address.includes('/');

/** What the owner of an address calls it; asked for because somebody opened its page. */
export function Names({ address }: { address: string }) {
  const { data, error } = useNames(address, isSingle(address));
  if (error) return <span className={styles.full}>name unknown</span>;
  if (!data || data.state === 'off') return null;
  if (data.state !== 'named') return <span className={styles.full}>{WORDS[data.state]}</span>;
  return (
    <span className={styles.full} title="As the owner of the address calls it">
      {data.names.map(({ name, isConfirmed }) => (
        <span key={name} className={styles.name}>
          <HostileText text={name} /> {isConfirmed ? '(confirmed)' : '(unverified)'}
        </span>
      ))}
    </span>
  );
}

const WORDS = {
  unnamed: 'no name',
  failed: 'name unknown: no answer',
  busy: 'name not asked for: too many at once, try again in a minute',
} as const;
