import { escaped } from '../parts/escape.js';
import styles from './events.module.css';
import type { Filter, FilterSign } from './query-text.js';

const SIGNS: { sign: FilterSign; does: string }[] = [
  { sign: '=', does: 'Only' },
  { sign: '+', does: 'With' },
  { sign: '-', does: 'Without' },
];

/** The buttons of a value: only it, it besides, all without it. */
export function Signs({ field, value, filter }: { field: string; value: string; filter: Filter }) {
  return (
    <span className={styles.signs}>
      {SIGNS.map(({ sign, does }) => (
        <button
          key={sign}
          type="button"
          className={styles.sign}
          aria-label={`${does} ${field} ${escaped(value)}`}
          onClick={() => filter(field, value, sign)}
        >
          {sign}
        </button>
      ))}
    </span>
  );
}
