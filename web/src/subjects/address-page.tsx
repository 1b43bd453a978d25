import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api } from '../api/client.js';
import type { AddressReport } from '../api/types.js';
import type { Range } from '../app/range.js';
import { keptSearch } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { BlockDialog } from '../blocks/block-dialog.js';
import { LiftDialog, useLiftState } from '../blocks/lift-dialog.js';
import { Until } from '../blocks/until.js';
import { enforcementText, reachText, reasonText, stateText } from '../blocks/words.js';
import { conditionOf } from '../events/query-text.js';
import { EntryDialog } from '../lists/entry-dialog.js';
import type { ListName } from '../lists/list-queries.js';
import { useListUndo } from '../lists/use-list-undo.js';
import { Names } from '../origins/names.js';
import { FullOrigin } from '../origins/origin.js';
import { Failure } from '../parts/failure.js';
import { HostileText } from '../parts/hostile-text.js';
import page from '../parts/page.module.css';
import { Pill } from '../parts/pill.js';
import { Asked } from '../parts/states.js';
import { Top } from '../parts/top.js';
import { useUndo } from '../parts/undo.js';
import { When } from '../parts/when.js';
import { may, useSignedIn } from '../session/session.js';
import { AbuseDialog } from './abuse-dialog.js';
import { AlertList } from './alert-list.js';
import { Days } from './days.js';
import { EraseDialog } from './erase-dialog.js';
import { Seen, useSubjectRange } from './seen.js';

/** Who is this, what to do? */
export function AddressPage() {
  const { address } = useParams({ from: '/shell/addresses/$address' });
  const range = useSubjectRange();
  const report = useQuery({
    queryKey: ['address', address, range],
    queryFn: ({ signal }) =>
      answer(api.GET('/addresses/{address}', { params: { path: { address }, query: range }, signal })),
    placeholderData: (before, query) => (query?.queryKey[1] === address ? before : undefined),
  });
  return (
    <div className={page.scrolling}>
      <Asked asked={report}>{report.data && <Told key={address} report={report.data} range={range} />}</Asked>
    </div>
  );
}

function Told({ report, range }: { report: AddressReport; range: Range }) {
  const me = useSignedIn();
  const { role } = me;
  const navigate = useNavigate();
  const lift = useLiftState();
  const [isBlocking, setBlocking] = useState(false);
  const [isErasing, setErasing] = useState(false);
  const [isReporting, setReporting] = useState(false);
  const [listing, setListing] = useState<ListName>();
  const undo = useUndo();
  const listUndo = useListUndo(undo);
  const exact = report.blocks.find(({ target, state }) => state === 'active' && target === report.address);
  const askLift = () => exact && may.lift(role) && lift.ask(exact.target);
  useKeys({ l: askLift, Escape: () => void navigate({ to: '/blocks', search: keptSearch }) });
  return (
    <>
      <div className={page.head}>
        <h1>
          <HostileText text={report.address} />
        </h1>
        <FullOrigin address={report.address} range={range} isLinked={may.read(role)} />
        <Names address={report.address} />
        <Verdict report={report} />
        <span className={page.spread} />
        {may.decide(role) && report.events > 0 && !report.address.includes('/') && (
          <Button size="compact-sm" variant="default" onClick={() => setReporting(true)}>
            Report abuse…
          </Button>
        )}
        {exact && may.lift(role) && (
          <Button size="compact-sm" variant="default" onClick={askLift}>
            Lift…
          </Button>
        )}
        {may.decideFleet(me) && (
          <>
            <Button size="compact-sm" variant="default" onClick={() => setListing('allow')}>
              Allow…
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setListing('deny')}>
              Denylist…
            </Button>
          </>
        )}
        {!report.blocked && may.decide(role) && (
          <Button size="compact-sm" onClick={() => setBlocking(true)}>
            Block…
          </Button>
        )}
        {may.administerFleet(me) && (
          <Button size="compact-sm" variant="default" onClick={() => setErasing(true)}>
            Erase…
          </Button>
        )}
      </div>
      {listUndo.error && <Failure error={listUndo.error} />}
      <Blocks report={report} />
      <Seen report={report} range={range} q={conditionOf('source.ip', report.address)} isLinked={may.read(role)} />
      <Days days={report.days} from={report.from} to={report.to} />
      <div className={page.columns}>
        <Top title="Accounts" field="user.name" values={report.accounts} range={range} isLinked={may.read(role)} />
        <Top title="Hosts" field="host.name" values={report.hosts} range={range} isLinked={may.read(role)} />
        <AlertList alerts={report.alerts} />
      </div>
      <LiftDialog state={lift} />
      <AbuseDialog isOpen={isReporting} close={() => setReporting(false)} address={report.address} range={range} />
      <BlockDialog isOpen={isBlocking} close={() => setBlocking(false)} target={report.address} />
      <EntryDialog
        list={listing}
        close={() => setListing(undefined)}
        target={report.address}
        onSaved={listUndo.offer}
      />
      {undo.bar}
      <EraseDialog isOpen={isErasing} close={() => setErasing(false)} kind="address" value={report.address} />
    </>
  );
}

/** A block that no host enforces is not told as one. */
function Verdict({ report: { blocked, blocks } }: { report: AddressReport }) {
  if (!blocked) return <Pill>Not blocked</Pill>;
  const holds = blocks.some(({ state, enforcement }) => state === 'active' && enforcement.inForce > 0);
  return <Pill tone={holds ? 'danger' : 'warning'}>{holds ? 'Blocked' : 'Blocked nowhere'}</Pill>;
}

function Blocks({ report }: { report: AddressReport }) {
  return (
    <section className={page.panel} aria-label="Blocks">
      <ul className={page.plainList}>
        {report.blocks.map((block) => (
          <li key={block.id}>
            <Pill tone={block.state === 'active' ? 'danger' : 'plain'}>{stateText(block)}</Pill>{' '}
            {block.target !== report.address && (
              <Link to="/addresses/$address" params={{ address: block.target }} search={keptSearch}>
                <HostileText text={block.target} />
              </Link>
            )}{' '}
            <HostileText text={`${reachText(block)}, ${reasonText(block)}`} />
            {block.state === 'active' ? (
              <>
                . <HostileText text={enforcementText(block.enforcement)} />, until <Until block={block} />
              </>
            ) : (
              <>
                , <When iso={block.at} />
              </>
            )}
          </li>
        ))}
        {report.blocks.length === 0 && <li>Never blocked.</li>}
        {report.allowed.map(({ target, reason, owner }) => (
          <li key={target}>
            On the allowlist as <HostileText text={`${target} ("${reason}", ${owner})`} />
          </li>
        ))}
        {report.refusal && (
          <li>
            No block of it would be taken: <HostileText text={report.refusal} />
          </li>
        )}
      </ul>
    </section>
  );
}
