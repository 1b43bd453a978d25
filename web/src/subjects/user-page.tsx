import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import type { UserReport } from '../api/types.js';
import type { Range } from '../app/range.js';
import { keptSearch } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { Export } from '../events/export.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { Top } from '../parts/top.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { AlertList } from './alert-list.js';
import { Days } from './days.js';
import { EraseDialog } from './erase-dialog.js';
import { Seen, useSubjectRange } from './seen.js';

/** Who is this, and was it them? */
export function UserPage() {
  const { name } = useParams({ from: '/shell/users/$name' });
  const range = useSubjectRange();
  const report = useQuery({
    queryKey: ['user', name, range],
    queryFn: ({ signal }) => answer(api.GET('/users/{name}', { params: { path: { name }, query: range }, signal })),
    placeholderData: (before, query) => (query?.queryKey[1] === name ? before : undefined),
  });
  return (
    <div className={page.scrolling}>
      <Asked asked={report}>{report.data && <Told key={name} report={report.data} range={range} />}</Asked>
    </div>
  );
}

function Told({ report, range }: { report: UserReport; range: Range }) {
  const me = useSignedIn();
  const navigate = useNavigate();
  const [isErasing, setErasing] = useState(false);
  const q = queryOf(report.names);
  useKeys({ Escape: () => void navigate({ to: '/events', search: keptSearch }) });
  return (
    <>
      <div className={page.head}>
        <h1>
          <HostileText text={report.user} />
        </h1>
        <Naming report={report} />
        <span className={page.spread} />
        {report.events > 0 && <Export looked={{ query: q, ...range }} total={report.events} />}
        {may.administerFleet(me) && (
          <Button size="compact-sm" variant="default" onClick={() => setErasing(true)}>
            Erase…
          </Button>
        )}
      </div>
      <Seen report={report} range={range} q={q} />
      <Days days={report.days} from={report.from} to={report.to} />
      <div className={page.columns}>
        <Logons report={report} range={range} />
        <Top title="Tried or seen from" field="source.ip" values={report.addresses} range={range} />
        <Top title="Hosts" field="host.name" values={report.hosts} range={range} />
        <Sessions report={report} />
        <AlertList alerts={report.alerts} />
      </div>
      <EraseDialog isOpen={isErasing} close={() => setErasing(false)} kind="user" value={report.user} />
    </>
  );
}

/** What the name stands for, where it is not simply that of an account. */
function Naming({ report: { user, names, masked } }: { report: UserReport }) {
  const others = names.filter((name) => name !== user);
  return (
    <>
      {masked && (
        <>
          <Pill>Unknown account</Pill>
          <span className={page.note}>Its name is not kept: it may be a password in the wrong field.</span>
        </>
      )}
      {others.length > 0 && (
        <span className={page.note}>
          also <HostileText text={others.join(', ')} />
        </span>
      )}
    </>
  );
}

function Logons({ report, range }: { report: UserReport; range: Range }) {
  return (
    <Top
      title="Logged on from"
      field="source.ip"
      values={report.logons.map(({ address, count }) => ({ value: address, count }))}
      range={range}
    />
  );
}

function Sessions({ report: { sessions } }: { report: UserReport }) {
  return (
    <section className={page.panel} aria-label="Sessions">
      <h2>Sessions</h2>
      {sessions.length === 0 && <span className={page.note}>None in the range.</span>}
      <ul className={page.plainList}>
        {sessions.map(({ host, address, from, until }) => (
          <li key={`${host} ${from} ${until} ${address}`}>
            {from ? <When iso={from} /> : 'before'} to {until ? <When iso={until} /> : 'no end told'}, on{' '}
            <HostileText text={host} />
            {address && (
              <>
                {' '}
                from <SubjectLink field="source.ip" value={address} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Its events, whichever way they name it. */
function queryOf(names: readonly string[]): string {
  return names.map((name) => conditionOf('user.name', name)).join(' OR ');
}
