import { Button, Textarea } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useRef } from 'react';
import type { AlertInFull } from '../api/types.js';
import { absoluteRange, type Range } from '../app/range.js';
import { useKeys } from '../app/use-keys.js';
import { LiftDialog, useLiftState } from '../blocks/lift-dialog.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Level, Pill } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { CloseMenu, useActs } from './acts.js';
import { useAlert, useCommentAlert } from './alert-queries.js';
import styles from './alerts.module.css';
import { Defence } from './defence.js';
import { EvidenceLines } from './evidence-lines.js';
import { outcomeOf, storyOf } from './story.js';
import { Timeline } from './timeline.js';

/** Why, and is it stopped? */
export function AlertPage() {
  const { id } = useParams({ from: '/shell/alerts/$id' });
  const alert = useAlert(id);
  return (
    <div className={page.scrolling}>
      <Asked asked={alert}>{alert.data && <Opened alert={alert.data} />}</Asked>
    </div>
  );
}

function Opened({ alert }: { alert: AlertInFull }) {
  const navigate = useNavigate();
  const lift = useLiftState();
  const { role } = useSignedIn();
  const inForce = may.lift(role) ? alert.blocks.find(({ state }) => state === 'active') : undefined;
  const range = absoluteRange(Date.parse(alert.first), Date.parse(alert.last) + 1);
  useKeys({
    Escape: () => void navigate({ to: '/alerts', search: { row: alert.id } }),
    l: () => inForce && lift.ask(inForce.target),
  });
  return (
    <>
      <div className={page.head}>
        <Level level={alert.level} />
        <h1>{alert.title}</h1>
        <Pill>{statusOf(alert)}</Pill>
        {alert.assignee && (
          <span className={page.note}>
            assigned to <HostileText text={alert.assignee} />
          </span>
        )}
        <span className={page.spread} />
        <Acts alert={alert} />
        {inForce && (
          <Button size="compact-sm" variant="default" onClick={() => lift.ask(inForce.target)}>
            Lift…
          </Button>
        )}
      </div>
      <p className={styles.story}>
        {storyOf(alert).map((word) =>
          typeof word === 'string' ? (
            <HostileText key={word} text={word} />
          ) : (
            <SubjectLink key={word.value} {...word} range={range} />
          ),
        )}{' '}
        {outcomeOf(alert)}
      </p>
      <Defence alert={alert} />
      <div className={page.two}>
        <section className={page.panel} aria-label="Timeline">
          <Timeline alert={alert} />
          <Contributors alert={alert} range={range} />
        </section>
        <Thread alert={alert} />
      </div>
      <EvidenceLines alert={alert} range={range} />
      <LiftDialog state={lift} />
    </>
  );
}

function Acts({ alert }: { alert: AlertInFull }) {
  const acts = useActs([alert], 'Alert');
  if (!acts.mayAct) return null;
  return (
    <>
      {acts.error && <Failure error={acts.error} />}
      {alert.status === 'open' && (
        <Button size="compact-sm" onClick={acts.acknowledge}>
          Acknowledge
        </Button>
      )}
      {alert.status !== 'open' && (
        <Button size="compact-sm" variant="default" onClick={acts.reopen}>
          Reopen
        </Button>
      )}
      <Button size="compact-sm" variant="default" onClick={acts.assign}>
        Assign to me
      </Button>
      {alert.status !== 'closed' && <CloseMenu label="Close" close={acts.close} />}
      {acts.bar}
    </>
  );
}

function Contributors({ alert, range }: { alert: AlertInFull; range: Range }) {
  if (alert.contributors.length === 0) return null;
  const isAddress = !Object.hasOwn(alert.key, 'source.ip');
  const shown = alert.contributors.slice(0, 12);
  return (
    <p className={page.note}>
      {countOf(alert.contributorCount, 'contributor')}:{' '}
      {shown.map(({ value, count }, i) => (
        <span key={value}>
          {i > 0 && ', '}
          <SubjectLink field={isAddress ? 'source.ip' : 'user.name'} value={value} range={range} /> {count}
        </span>
      ))}
      {alert.contributorCount > shown.length && `, ${countOf(alert.contributorCount - shown.length, 'more', 'more')}`}
    </p>
  );
}

function Thread({ alert }: { alert: AlertInFull }) {
  const { role } = useSignedIn();
  const comment = useCommentAlert(alert.id);
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys({ n: () => field.current?.focus() });
  return (
    <section className={page.panel} aria-label="Comments">
      <h2>Comments</h2>
      <ul className={page.plainList}>
        {alert.thread.map(({ at, by, text }) => (
          <li key={at + by} className={styles.comment}>
            <strong>
              <HostileText text={by} />
            </strong>{' '}
            <When iso={at} />
            <div>
              <HostileText text={text} />
            </div>
          </li>
        ))}
      </ul>
      {may.decide(role) && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = event.currentTarget;
            const text = field.current?.value.trim();
            // The text stays in its field until it is saved.
            if (text) comment.mutate(text, { onSuccess: () => form.reset() });
          }}
        >
          <Textarea
            ref={field}
            aria-label="Comment"
            placeholder="Comment ( n )"
            autosize={false}
            rows={2}
            maxLength={4_000}
          />
          {comment.error && <Failure error={comment.error} />}
          <Button type="submit" size="compact-sm" variant="default" mt={6} loading={comment.isPending}>
            Comment
          </Button>
        </form>
      )}
      <p className={page.note}>
        First <When iso={alert.first} />, last <When iso={alert.last} />. The rule <code>{alert.rule}</code> fires at{' '}
        {alert.threshold}.
      </p>
    </section>
  );
}

function statusOf({ status, verdict, state }: AlertInFull): string {
  if (status === 'closed') return verdict ? `Closed: ${verdict.replace('-', ' ')}` : 'Closed';
  if (state === 'withdrawn') return 'Withdrawn';
  return status === 'open' ? 'Open' : 'Acknowledged';
}
