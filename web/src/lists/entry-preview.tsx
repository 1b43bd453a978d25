import type { AllowPreview, Block, DenyPreview } from '../api/types.js';
import { hostsText, scopeText } from '../blocks/words.js';
import { HostileText } from '../parts/hostile-text.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';

const SHOWN = 8;

/** What the entry would exempt, and which blocks that are in force it would lift or narrow. */
export function AllowSeen({ preview }: { preview: AllowPreview }) {
  const { shelters, coveredBy, holds, lifts, liftCount, narrows, narrowCount, isComplete, denied } = preview;
  return (
    <section aria-label="Preview" role="status">
      <p>
        <strong>{shelters}</strong> will never be blocked, on no host and by no rule.
      </p>
      <dl className={page.facts}>
        <dt>Lifts</dt>
        <dd>{liftCount === 0 ? 'no block' : <Blocks blocks={lifts} count={liftCount} isComplete={isComplete} />}</dd>
        <dt>Narrows</dt>
        <dd>
          {narrowCount === 0 ? 'no block' : <Blocks blocks={narrows} count={narrowCount} isComplete={isComplete} />}
        </dd>
        {denied.length > 0 && (
          <>
            <dt>Overrules</dt>
            <dd>{denied.join(', ')} on the denylist</dd>
          </>
        )}
        <Nested list="allow" coveredBy={coveredBy} holds={holds} />
      </dl>
    </section>
  );
}

/** What the entry would block, and what the rails and the allowlist exempt of it. */
export function DenySeen({ preview }: { preview: DenyPreview }) {
  const { target, allowed, reason, except, covers, hosts, blocks, coveredBy, holds, exempt } = preview;
  return (
    <section aria-label="Preview" role="status">
      <p>
        <strong>{target}</strong> {allowed ? 'will be blocked on every host, all ports' : 'will not be blocked'}
        {allowed && except.length > 0 && `, except ${except.join(', ')}`}
        {reason && (
          <>
            : <HostileText text={reason} />
          </>
        )}
      </p>
      <dl className={page.facts}>
        {allowed && (
          <>
            <dt>Covers</dt>
            <dd>{countOf(Number(covers), 'address', 'addresses')}</dd>
            <dt>Where</dt>
            <dd>{hostsText(hosts)}</dd>
            <dt>Already</dt>
            <dd>
              {blocks.length === 0 ? (
                'nothing of it is blocked'
              ) : (
                <Blocks blocks={blocks} count={blocks.length} isComplete />
              )}
            </dd>
          </>
        )}
        {exempt.map((entry) => (
          <Exempt key={entry.target} {...entry} />
        ))}
        <Nested list="deny" coveredBy={coveredBy} holds={holds} />
      </dl>
    </section>
  );
}

function Exempt({ target, reason, owner }: DenyPreview['exempt'][number]) {
  return (
    <>
      <dt>Exempt</dt>
      <dd>
        <HostileText text={`${target} (allowlist "${reason}", ${owner})`} />
      </dd>
    </>
  );
}

function Nested({ list, coveredBy, holds }: { list: 'allow' | 'deny'; coveredBy: string[]; holds: string[] }) {
  return (
    <>
      {coveredBy.length > 0 && (
        <>
          <dt>Covered</dt>
          <dd>
            by {list} entry {coveredBy.join(', ')} already
          </dd>
        </>
      )}
      {holds.length > 0 && (
        <>
          <dt>Holds</dt>
          <dd>
            {list} entry {holds.slice(0, SHOWN).join(', ')}
            {holds.length > SHOWN && ` and ${countOf(holds.length - SHOWN, 'more', 'more')}`}
          </dd>
        </>
      )}
    </>
  );
}

function Blocks({ blocks, count, isComplete }: { blocks: Block[]; count: number; isComplete: boolean }) {
  const shown = blocks.slice(0, SHOWN);
  return (
    <>
      {counted(count)}
      {isComplete ? '' : ' or more'}:{' '}
      {shown.map(({ id, target, scope }, i) => (
        <span key={id}>
          {i > 0 && ', '}
          <HostileText text={`${target} (${scopeText(scope)})`} />
        </span>
      ))}
      {count > shown.length && ' …'}
    </>
  );
}
