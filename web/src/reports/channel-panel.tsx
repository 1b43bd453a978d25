import { Button } from '@mantine/core';
import type { Channel } from '../api/types.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { duration } from '../parts/times.js';
import { When } from '../parts/when.js';
import { OUTCOMES } from './outcomes.js';
import { type Sent, useSend } from './report-queries.js';
import styles from './reports.module.css';

const KINDS: Record<Channel['kinds'][number], string> = {
  alert: 'alerts',
  'alert-ended': 'ends of alerts',
  block: 'blocks',
  'block-ended': 'ends of blocks',
};
const PERIODS = { daily: 'Summary of each day', weekly: 'Summary of each week' };
const SENT: Record<Sent['what'], string> = {
  test: 'A test message is on its way.',
  daily: 'The summary of the last day is on its way.',
  weekly: 'The summary of the last week is on its way.',
};

/** One channel: what it is told, what waits, what became of the last messages; and sending by hand. */
export function ChannelPanel({ channel }: { channel: Channel }) {
  const { name, type, about, to, kinds, windowSeconds, summaries, deliveries, collected, collectedUntil } = channel;
  const send = useSend();
  const sendIt = (what: Sent['what']) => () => send.mutate({ what, name });
  return (
    <section className={`${page.panel} ${styles.panel}`} aria-label="Channel">
      <div className={page.head}>
        <h2>
          <HostileText text={name} />
        </h2>
        <span className={page.spread} />
        <Button size="compact-sm" variant="default" loading={send.isPending} onClick={sendIt('test')}>
          Send a test
        </Button>
        {type === 'mail' && (
          <>
            <Button size="compact-sm" variant="default" disabled={send.isPending} onClick={sendIt('daily')}>
              Send last day
            </Button>
            <Button size="compact-sm" variant="default" disabled={send.isPending} onClick={sendIt('weekly')}>
              Send last week
            </Button>
          </>
        )}
      </div>
      <div role="status">{send.isSuccess && SENT[send.variables.what]}</div>
      {send.error && <Failure error={send.error} />}
      <dl className={page.facts}>
        <dt>By</dt>
        <dd>
          <HostileText text={about} />
        </dd>
        {to && (
          <>
            <dt>To</dt>
            <dd>
              <HostileText text={to.join(', ')} />
            </dd>
          </>
        )}
        <dt>Told of</dt>
        <dd>{kinds.map((kind) => KINDS[kind]).join(', ') || 'nothing but summaries'}</dd>
        <dt>Collected</dt>
        <dd>
          {countOf(collected, 'piece of news', 'pieces of news')}; {windowText(windowSeconds)}
          {collectedUntil && (
            <>
              ; next <When iso={collectedUntil} />
            </>
          )}
        </dd>
        {summaries.map(({ period, next }) => (
          <Summary key={period} what={PERIODS[period]} next={next} />
        ))}
      </dl>
      <Deliveries deliveries={deliveries} />
    </section>
  );
}

/** The first message of a quiet time never waits. */
function windowText(seconds: number): string {
  return seconds === 0 ? 'each goes at once' : `at most one message in ${duration(seconds * 1_000)}`;
}

function Summary({ what, next }: { what: string; next: string }) {
  return (
    <>
      <dt>{what}</dt>
      <dd>
        next <When iso={next} />
      </dd>
    </>
  );
}

function Deliveries({ deliveries }: Pick<Channel, 'deliveries'>) {
  if (deliveries.length === 0) return <p>Nothing has been sent yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <div className={styles.scroller} tabIndex={0} role="region" aria-label="Last messages">
      <table className={styles.deliveries}>
        <thead>
          <tr>
            {['When', 'What', 'Outcome', 'Attempt', 'Answer'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {deliveries.map(({ at, key, about, outcome, attempt, response }) => (
            <tr key={`${key} ${at}`}>
              <td>
                <When iso={at} />
              </td>
              <td>
                <HostileText text={about} />
              </td>
              <td>
                <Pill tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].word}</Pill>
              </td>
              <td>{attempt}</td>
              <td>
                <HostileText text={response} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
