import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answer, api } from '../api/client.js';
import type { System } from '../api/types.js';
import { EVER } from '../app/range.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { When } from '../parts/when.js';
import { SelfTest } from './self-test.js';
import styles from './system.module.css';
import { bytesText, diskText } from './words.js';

const POLL_MS = 10_000;

/** The one topic with a page of its own for each record. */
const AUDIT = 'fleetwall.audit';

/** Does everything work, and for how long will it? */
export function SystemPage() {
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => answer(api.GET('/system', { signal })),
    refetchInterval: POLL_MS,
  });
  return (
    <div className={page.scrolling}>
      <div className={page.head}>
        <h1>System</h1>
        {system.data && <Health system={system.data} />}
        <span className={page.spread} />
        {system.data?.reading && <SelfTest />}
      </div>
      <Asked asked={system}>{system.data && <Told system={system.data} />}</Asked>
    </div>
  );
}

function Health({ system: { problems } }: { system: System }) {
  return problems.length === 0 ? (
    <Pill tone="good">Works</Pill>
  ) : (
    <Pill tone="danger">{countOf(problems.length, 'problem')}</Pill>
  );
}

function Told({ system }: { system: System }) {
  const { deployment, problems, process, events, retentionDays, disk, reading } = system;
  const isCluster = deployment === 'cluster';
  return (
    <>
      {problems.length > 0 && (
        <section className={page.panel} aria-label="Problems">
          <h2>Problems</h2>
          <ul>
            {problems.map((problem) => (
              <li key={problem}>
                <HostileText text={problem} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {isCluster && (
        <p className={page.note}>
          This is what the console on <HostileText text={process.host} /> sees. Health, queues and disks of the other
          services, of Kafka and of Elasticsearch are unknown here: Grafana shows them.
        </p>
      )}
      <div className={page.columns}>
        <section className={page.panel} aria-label="Disk">
          <h2>Disk of {isCluster ? 'this process' : 'all data'}</h2>
          <div className={page.figure}>{diskText(disk)}</div>
          <span className={page.note}>
            {bytesText(disk.freeBytes)} of {bytesText(disk.totalBytes)} free
            {disk.bytesPerDay === undefined && '; measured for less than 6 h'}
            {disk.bytesPerDay ? `, fills by ~${bytesText(disk.bytesPerDay)} a day` : ''}
          </span>
        </section>
        <section className={page.panel} aria-label="Lag">
          <h2>Lag</h2>
          <div className={page.figure}>{events.lagMs === undefined ? 'unknown' : duration(events.lagMs)}</div>
          <span className={page.note}>
            from the log to the centre, of the newest event <When iso={events.newest} />
          </span>
        </section>
        <section className={page.panel} aria-label="Retention">
          <h2>Retention</h2>
          <div className={page.figure}>{countOf(retentionDays, 'day')}</div>
          <span className={page.note}>
            of{' '}
            <Link to="/events" search={EVER}>
              events
            </Link>
            ; the oldest <When iso={events.oldest} />
          </span>
        </section>
        <section className={page.panel} aria-label="Process">
          <h2>Process</h2>
          <div className={page.figure}>{duration(process.uptimeSeconds * 1_000)}</div>
          <span className={page.note}>
            up on <HostileText text={process.host} />, {bytesText(process.rssBytes)} of memory, {deployment}
            {reading && `; reads ${countOf(reading.sources, 'source')}, ${countOf(reading.lines, 'line')}`}
          </span>
        </section>
      </div>
      <Queues system={system} />
      <Topics topics={system.topics} />
    </>
  );
}

function Queues({ system: { queues, deployment } }: { system: System }) {
  return (
    <section className={page.panel} aria-label="Queues">
      <h2>Queues{deployment === 'cluster' ? ' of this process' : ''}</h2>
      {queues.length === 0 ? (
        <p className={page.note}>
          {deployment === 'cluster'
            ? 'It consumes nothing; those of the other services are unknown here.'
            : 'None yet.'}
        </p>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Consumers</th>
              <th scope="col">Topic</th>
              <th scope="col" className={styles.number}>
                Records waiting
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ group, topic, waiting }) => (
              <tr key={`${group} ${topic}`}>
                <td>{group}</td>
                <td>{topic}</td>
                <td className={styles.number}>{counted(waiting)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Topics({ topics }: { topics: System['topics'] }) {
  return (
    <section className={page.panel} aria-label="Topics">
      <h2>Topics</h2>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col" className={styles.number}>
              Records
            </th>
            <th scope="col">Kept</th>
          </tr>
        </thead>
        <tbody>
          {topics.map(({ topic, records, compacted, retentionDays }) => (
            <tr key={topic}>
              <td>{topic === AUDIT ? <Link to="/audit">{topic}</Link> : topic}</td>
              <td className={styles.number}>
                {compacted ? '~' : ''}
                {counted(records)}
              </td>
              <td>{compacted ? 'the last of each key' : retentionDays ? countOf(retentionDays, 'day') : 'for good'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
