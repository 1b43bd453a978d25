import { Link } from '@tanstack/react-router';
import { storyText } from '../alerts/story.js';
import type { Alert } from '../api/types.js';
import { keptSearch } from '../app/search.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { Level } from '../parts/pill.js';

/** Alerts about a subject, each with its story; nothing where there are none. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  if (alerts.length === 0) return null;
  return (
    <section className={page.panel} aria-label="Alerts">
      <h2>Alerts</h2>
      <ul className={page.plainList}>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <Level level={alert.level} />{' '}
            <Link to="/alerts/$id" params={{ id: alert.id }} search={keptSearch}>
              <HostileText text={storyText(alert)} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
