import { Link } from '@tanstack/react-router';
import { useOverview } from '../overview/use-overview.js';
import { counted, countOf } from '../parts/numbers.js';
import { keptSearch } from './search.js';
import styles from './shell.module.css';

/** Whether the defence holds, on every page; each cell leads to what it counts. */
export function StatusStrip() {
  const { data, error } = useOverview();
  if (error) {
    return <span className={styles.fault}>⚠ The state of the fleet is unknown: {error.message}</span>;
  }
  if (!data) return null;
  const { hosts, blocks } = data;
  const isReportOnly = hosts.armed === 0;
  const isPart = hosts.armed < hosts.known || hosts.online < hosts.known;
  return (
    <>
      <Link to="/hosts" search={keptSearch} className={isReportOnly || isPart ? styles.fault : ''}>
        {isReportOnly ? '⚠ REPORT ONLY: nothing is blocked' : `Armed ${counted(hosts.armed)}/${counted(hosts.known)}`}
      </Link>
      <Link to="/hosts" search={keptSearch} className={hosts.online < hosts.known ? styles.fault : ''}>
        {hosts.online < hosts.known ? '⚠ ' : ''}
        {counted(hosts.online)}/{counted(hosts.known)} online
      </Link>
      <Link to="/blocks" search={keptSearch}>
        {countOf(blocks.inForce, 'block')} {isReportOnly ? 'only reported' : 'in force'}
      </Link>
    </>
  );
}
