import type { Policy, Rule, RuleList } from '../api/types.js';
import { useSearchState } from '../app/search.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { PageTabs } from '../parts/page-tabs.js';
import { Level, Pill } from '../parts/pill.js';
import { type Column, Rows } from '../parts/rows.js';
import { Asked, Empty } from '../parts/states.js';
import { duration } from '../parts/times.js';
import { useCurrentRow } from '../parts/use-current-row.js';
import { may, useSignedIn } from '../session/session.js';
import { RuleDetail } from './rule-detail.js';
import { usePolicies, useRules } from './rule-queries.js';
import styles from './rules.module.css';
import { Trial } from './trial.js';
import { effectText, followsText, kindText, MODE_WORDS } from './words.js';

const TABS = [
  { value: 'rules', label: 'Rules' },
  { value: 'policies', label: 'Policies' },
  { value: 'try', label: 'Try' },
] as const;

/** What fires, and what follows? */
export function RulesPage() {
  const [search, change] = useSearchState();
  const mayTry = may.decideFleet(useSignedIn());
  const tabs = TABS.filter(({ value }) => value !== 'try' || mayTry);
  const tab = tabs.find(({ value }) => value === search.tab)?.value ?? 'rules';
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>Rules and policies</h1>
        <PageTabs tabs={tabs} value={tab} change={(value) => change({ tab: value })} />
      </div>
      {tab === 'rules' && <Rules />}
      {tab === 'policies' && <Policies />}
      {tab === 'try' && <Trial />}
    </div>
  );
}

function Rules() {
  const rules = useRules();
  const rows = [...(rules.data?.rules ?? [])].sort((a, b) => Number(b.alerts) - Number(a.alerts));
  const { current, select } = useCurrentRow(rows, ({ name }) => name, 'row');
  return (
    <Asked asked={rules}>
      {rules.data && <Refusal list={rules.data} />}
      {rows.length === 0 ? (
        <Empty why="No rules are loaded." />
      ) : (
        <Rows label="Rules" columns={COLUMNS} rows={rows} current={current} onCurrent={select} />
      )}
      {current && <RuleDetail key={current.name} rule={current} />}
      <p className={page.note}>
        {countOf(rows.length, 'rule')}, as the files say; what is switched here is kept apart from them.
      </p>
    </Asked>
  );
}

/** Changed files with a mistake: the old ones stay in force. */
function Refusal({ list: { refusal } }: { list: RuleList }) {
  if (!refusal) return null;
  return (
    <section className={page.panel} role="alert" aria-label="Refused files">
      The files as they are now are not in force; those before them stay.
      <pre className={styles.code}>{refusal}</pre>
    </section>
  );
}

const MODE_TONES = { on: 'good', 'dry-run': 'warning', off: 'plain' } as const;

const COLUMNS: Column<Rule>[] = [
  { id: 'level', title: 'Severity', width: '13ch', isWide: true, cell: ({ level }) => <Level level={level} /> },
  { id: 'title', title: 'Rule', width: 'minmax(22ch, 1fr)', cell: ({ title }) => title },
  {
    id: 'mode',
    title: 'State',
    width: '10ch',
    cell: ({ mode, alerts }) => (alerts ? <Pill tone={MODE_TONES[mode]}>{MODE_WORDS[mode]}</Pill> : '–'),
  },
  { id: 'kind', title: 'How', width: 'minmax(20ch, 1fr)', isWide: true, cell: kindText },
  { id: 'follows', title: 'What follows', width: 'minmax(24ch, 1.4fr)', isWide: true, cell: effectText },
];

function Policies() {
  const policies = usePolicies();
  const rows = policies.data?.policies ?? [];
  const { current, select } = useCurrentRow(rows, ({ name }) => name, 'row');
  return (
    <Asked asked={policies}>
      {rows.length === 0 ? (
        <Empty why="No policies are loaded: nothing is blocked by rules." />
      ) : (
        <Rows label="Policies" columns={POLICY_COLUMNS} rows={rows} current={current} onCurrent={select} />
      )}
      {current && <PolicyDetail policy={current} />}
      <p className={page.note}>The first policy that matches an alert decides.</p>
    </Asked>
  );
}

const POLICY_COLUMNS: Column<Policy>[] = [
  { id: 'name', title: 'Policy', width: '20ch', cell: ({ name }) => name },
  { id: 'match', title: 'For', width: 'minmax(20ch, 1fr)', cell: ({ match }) => matchText(match) },
  { id: 'follows', title: 'What follows', width: 'minmax(24ch, 1fr)', isWide: true, cell: followsText },
];

function matchText({ rules, tags, levels }: Policy['match']): string {
  const parts = [
    rules && `rules ${rules.join(', ')}`,
    tags && `tags ${tags.join(', ')}`,
    levels && `severity ${levels.join(', ')}`,
  ];
  return parts.filter(Boolean).join('; ');
}

function PolicyDetail({ policy }: { policy: Policy }) {
  const { name, match, ports, cutSessions, escalationWindowMs, breaker } = policy;
  return (
    <section className={page.panel} aria-label="The policy">
      <h2>{name}</h2>
      <dl className={page.facts}>
        <dt>For</dt>
        <dd>{matchText(match)}</dd>
        <dt>What follows</dt>
        <dd>{followsText(policy)}</dd>
        <dt>Ports</dt>
        <dd>{ports === 'all' ? 'all' : "the web's alone, as long as all evidence is of web applications"}</dd>
        <dt>Live sessions</dt>
        <dd>{cutSessions ? 'are cut' : 'stay'}</dd>
        <dt>Offences</dt>
        <dd>are remembered for {duration(escalationWindowMs)}</dd>
        <dt>Breaker</dt>
        <dd>
          beyond {countOf(breaker.blocks, 'block')} in {duration(breaker.withinMs)} only the hosts that saw it block
        </dd>
      </dl>
    </section>
  );
}
