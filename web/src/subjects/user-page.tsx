import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import type { UserReport } from '../api/types.js';
import { keptSearch, rangeOf, type Search, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { Export } from '../events/export.js';
import { conditionOf } from '../events/query-text.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { SubjectLink } from '../parts/subject-link.js';
import { Top } from '../parts/top.js';
import { When } from '../parts/when.js';
import { useSignedIn } from '../session/session.js';
import { AlertList } from './alert-list.js';
import { Days } from './days.js';
import { EraseDialog, mayErase } from './erase-dialog.js';

/** Where a link says no range: as far back as the report looks by itself. */
const MONTH = { from: 'now-30d', to: 'now' };

/** Who is this, and was it them? */
export function UserPage() {
  const { name } = useParams({ from: '/shell/users/$name' });
  const [search] = useSearchState();
  const range = search.from ? rangeOf(search) : rangeOf(MONTH);
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

function Told({ report, range }: { report: UserReport; range: Search }) {
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
        {report.events > 0 && (
          <Export
            looked={{ query: q, from: range.from ?? MONTH.from, to: range.to ?? MONTH.to }}
            total={report.events}
          />
        )}
        {mayErase(me) && (
          <Button size="compact-sm" variant="default" onClick={() => setErasing(true)}>
            Erase…
          </Button>
        )}
      </div>
      <p className={page.note}>
        {report.events === 0 ? 'Nothing seen in the range' : `${countOf(report.events, 'event')} in the range`}
        {report.hidden > 0 && `, + ${counted(report.hidden)} on other customers' hosts (hidden)`}
        {report.first && (
          <>
            ; first <When iso={report.first} />, last <When iso={report.last} />
          </>
        )}
        .{' '}
        {report.events > 0 && (
          <Link to="/events" search={{ ...range, q }}>
            All its events
          </Link>
        )}
      </p>
      {report.days.length > 0 && (
        <section className={page.panel} aria-label="Days">
          <h2>Days, UTC</h2>
          <Days days={report.days} from={report.from} to={report.to} />
        </section>
      )}
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

function Logons({ report, range }: { report: UserReport; range: Search }) {
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
