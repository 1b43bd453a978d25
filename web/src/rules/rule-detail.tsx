import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Rule } from '../api/types.js';
import { HostileLines, HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { Asked } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { useRule } from './rule-queries.js';
import styles from './rules.module.css';
import { SwitchDialog } from './switch-dialog.js';
import { effectText, kindText, MODE_WORDS } from './words.js';

/** One rule: what it is, what follows, its file. */
export function RuleDetail({ rule }: { rule: Rule }) {
  const me = useSignedIn();
  const [isSwitching, setSwitching] = useState(false);
  const { name, title, description, tags, rules, falsepositives, latenessMs, alerts, mode, switched } = rule;
  return (
    <section className={`${page.panel} ${styles.detail}`} aria-label="The rule">
      <div className={page.head}>
        <h2>{title}</h2>
        <code>{name}</code>
        <span className={page.spread} />
        {may.decideFleet(me) && (
          <Link to="/rules" search={{ tab: 'try', row: name }}>
            Try it on a line
          </Link>
        )}
        {may.administerFleet(me) && alerts && (
          <Button size="compact-sm" variant="default" onClick={() => setSwitching(true)}>
            Switch…
          </Button>
        )}
      </div>
      {description && <p>{description}</p>}
      <dl className={page.facts}>
        <dt>State</dt>
        <dd>
          {alerts ? MODE_WORDS[mode] : 'Only referred to'}
          {switched && (
            <>
              {' '}
              by <HostileText text={switched.by} />, <When iso={switched.at} />: <HostileText text={switched.comment} />
            </>
          )}
        </dd>
        <dt>How</dt>
        <dd>
          {kindText(rule)}
          {latenessMs !== undefined && `; reports may come ${duration(latenessMs)} late`}
        </dd>
        {rules && (
          <>
            <dt>Counts</dt>
            <dd>{rules.join(', ')}</dd>
          </>
        )}
        <dt>What follows</dt>
        <dd>
          {effectText(rule)}
          {rule.follows && `, by policy ${rule.follows.name}`}
        </dd>
        <dt>Tags</dt>
        <dd>{tags.join(', ') || 'none'}</dd>
        {falsepositives && (
          <>
            <dt>False positives</dt>
            <dd>{falsepositives.join('; ')}</dd>
          </>
        )}
      </dl>
      {me.tenant === undefined && <Source name={name} />}
      {isSwitching && <SwitchDialog rule={rule} close={() => setSwitching(false)} />}
    </section>
  );
}

function Source({ name }: { name: string }) {
  const [isOpen, setOpen] = useState(false);
  const rule = useRule(name, isOpen);
  if (!isOpen)
    return (
      <Button mt="xs" size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        Show the file
      </Button>
    );
  return (
    <Asked asked={rule}>
      {rule.data && (
        <>
          <p className={page.note}>
            {rule.data.file.path}:{rule.data.file.line}
          </p>
          {rule.data.yaml === undefined ? (
            'What the file says is not known here.'
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
            <pre className={styles.code} tabIndex={0}>
              <HostileLines text={rule.data.yaml} />
            </pre>
          )}
        </>
      )}
    </Asked>
  );
}
