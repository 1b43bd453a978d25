import type { AddressReport } from '../api/types.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import parts from '../parts/parts.module.css';
import styles from './days.module.css';

const DAY_MS = 86_400_000;
const MOST = 62;
const KINDS = [
  { kind: 'failures', label: 'failed' },
  { kind: 'successes', label: 'success' },
  { kind: 'other', label: 'other' },
] as const;

/** Days by kind: a darker cell is more, its title says how many; nothing where there are none. */
export function Days({ days, from, to }: Pick<AddressReport, 'days' | 'from' | 'to'>) {
  if (days.length === 0) return null;
  const known = new Map(days.map((day) => [Date.parse(day.start), day]));
  const lastMs = Math.floor((Date.parse(to) - 1) / DAY_MS) * DAY_MS;
  const firstMs = Math.max(Math.floor(Date.parse(from) / DAY_MS) * DAY_MS, lastMs - (MOST - 1) * DAY_MS);
  const starts = Array.from({ length: (lastMs - firstMs) / DAY_MS + 1 }, (_, i) => firstMs + i * DAY_MS);
  const most = Math.max(1, ...days.flatMap(({ failures, successes, other }) => [failures, successes, other]));
  return (
    <section className={page.panel} aria-label="Days">
      <h2>Days, UTC</h2>
      <table className={styles.days}>
        <tbody>
          {KINDS.map(({ kind, label }) => (
            <tr key={kind}>
              <th scope="row">{label}</th>
              {starts.map((startMs) => {
                const count = known.get(startMs)?.[kind] ?? 0;
                const title = `${new Date(startMs).toISOString().slice(0, 10)}: ${countOf(count, 'event')} (${label})`;
                return (
                  <td key={startMs} title={title}>
                    <span className={parts.hiddenText}>{count}</span>
                    <div
                      className={`${styles.cell} ${styles[kind]}`}
                      style={{ opacity: count === 0 ? 0.08 : 0.35 + 0.65 * (Math.log1p(count) / Math.log1p(most)) }}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        <caption className={styles.caption}>
          {new Date(firstMs).toISOString().slice(0, 10)} to {new Date(lastMs).toISOString().slice(0, 10)}
        </caption>
      </table>
    </section>
  );
}
