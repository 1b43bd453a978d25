import type { Search } from '../app/search.js';
import { HostileText } from './hostile-text.js';
import { counted } from './numbers.js';
import page from './page.module.css';
import { SubjectLink } from './subject-link.js';
import styles from './top.module.css';

interface Props {
  title: string;
  field: string;
  values: { value: string; count: number }[];
  range: Search;
  /** False for those who may not see events. */
  isLinked?: boolean;
}

/** The most frequent values, each with a bar and a link to its rows. */
export function Top({ title, field, values, range, isLinked = true }: Props) {
  const most = Math.max(1, ...values.map(({ count }) => count));
  return (
    <section className={page.panel} aria-label={title}>
      <h2>{title}</h2>
      {values.length === 0 && <span className={page.note}>None in the range.</span>}
      {values.slice(0, 10).map(({ value, count }) => (
        <div key={value} className={styles.row}>
          <span className={styles.value}>
            {isLinked ? <SubjectLink field={field} value={value} range={range} /> : <HostileText text={value} />}
          </span>
          <span className={styles.count}>{counted(count)}</span>
          <span className={styles.bar} style={{ width: `${(count / most) * 100}%` }} />
        </div>
      ))}
    </section>
  );
}
