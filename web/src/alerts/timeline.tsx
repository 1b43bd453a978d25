import type { AlertInFull } from '../api/types.js';
import { escaped } from '../parts/escape.js';
import { counted, countOf } from '../parts/numbers.js';
import { absolute } from '../parts/times.js';
import styles from './timeline.module.css';
import { marksOf } from './timeline-marks.js';

const LEFT = 120;
const WIDTH = 720;
const ROW = 22;
const TOP = 18;

/** Hosts by time: a hollow circle a failed attempt, a diamond a success, a line where a block began. */
export function Timeline({ alert }: { alert: AlertInFull }) {
  const { hosts, hidden, marks, blockedMs, fromMs, toMs } = marksOf(alert);
  const x = (ms: number) => LEFT + 10 + ((ms - fromMs) / (toMs - fromMs || 1)) * (WIDTH - LEFT - 20);
  const y = (host: string) => TOP + hosts.indexOf(host) * ROW + ROW / 2;
  const height = TOP + hosts.length * ROW + 4;
  const label = `${countOf(marks.length, 'mark')} on ${countOf(hosts.length, 'host')}, ${absolute(fromMs)} to ${absolute(toMs)}`;
  return (
    <figure className={styles.figure}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label} className={styles.chart}>
        <text x={LEFT} y={11} className={styles.tick}>
          {absolute(fromMs)}
        </text>
        <text x={WIDTH - 4} y={11} textAnchor="end" className={styles.tick}>
          {absolute(toMs)}
        </text>
        {hosts.map((host) => (
          <g key={host}>
            <text x={4} y={y(host) + 4} className={styles.host}>
              {escaped(host).slice(0, 18)}
            </text>
            <line x1={LEFT} x2={WIDTH} y1={y(host)} y2={y(host)} className={styles.line} />
          </g>
        ))}
        {marks.map(({ id, host, ms, isSuccess }) =>
          isSuccess ? (
            <rect
              key={id}
              x={-4.5}
              y={-4.5}
              width={9}
              height={9}
              transform={`translate(${x(ms)} ${y(host)}) rotate(45)`}
              className={styles.success}
            />
          ) : (
            <circle key={id} cx={x(ms)} cy={y(host)} r={4.5} className={styles.failed} />
          ),
        )}
        {blockedMs !== undefined && (
          <line x1={x(blockedMs)} x2={x(blockedMs)} y1={TOP - 4} y2={height} className={styles.block} />
        )}
      </svg>
      <figcaption className={styles.caption}>
        <span>○ failed</span>
        <span>◆ success</span>
        {blockedMs !== undefined && <span>┃ block</span>}
        {marks.length < alert.count && (
          <span>
            {counted(marks.length)} of {counted(alert.count)} are kept as evidence
          </span>
        )}
        {hidden > 0 && <span>{countOf(hidden, 'more host')} not drawn</span>}
      </figcaption>
    </figure>
  );
}
