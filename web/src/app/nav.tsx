import { Link } from '@tanstack/react-router';
import { useOverview } from '../overview/use-overview.js';
import { counted } from '../parts/numbers.js';
import { may, useSignedIn } from '../session/session.js';
import { pagesOf } from './pages.js';
import { keptSearch } from './search.js';
import styles from './shell.module.css';

/** On the left; on a phone at the bottom. What a role may not see is not there. */
export function Nav({ onSearch }: { onSearch: () => void }) {
  const me = useSignedIn();
  const isReader = may.read(me.role);
  const open = useOverview(isReader).data?.alerts;
  return (
    <nav className={styles.nav} aria-label="Pages">
      {pagesOf(me).map(({ to, label, isPhone }) => (
        <Link
          key={to}
          to={to}
          search={keptSearch}
          className={`${styles.navLink} ${isPhone ? '' : styles.desk}`}
          activeProps={{ 'aria-current': 'page' }}
        >
          {label}
          {to === '/alerts' && open && open.open > 0 && (
            <span className={styles.count}>
              {counted(open.open)}
              {open.isMore ? '+' : ''}
            </span>
          )}
        </Link>
      ))}
      <button type="button" className={`${styles.navLink} ${styles.phone}`} onClick={onSearch}>
        Search
      </button>
    </nav>
  );
}
