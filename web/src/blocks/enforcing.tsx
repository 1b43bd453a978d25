import type { Block } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';
import { Until } from './until.js';
import { enforcementText, portsText, reachText, STATE_WORDS } from './words.js';

const SHOWN = 20;

/** One block in full: where it holds, where not and why. */
export function Enforcing({ block }: { block: Block }) {
  const { exceptions } = block.enforcement;
  return (
    <section className={page.panel} aria-label="The block">
      <h2>
        <HostileText text={block.target} />, <HostileText text={reachText(block)} />
      </h2>
      <div>
        <HostileText text={block.state === 'active' ? enforcementText(block.enforcement) : STATE_WORDS[block.state]} />
        {block.except.length > 0 && `; stays reachable: ${block.except.join(', ')}`}
        {block.state === 'active' && (
          <>
            ; until <Until block={block} />
          </>
        )}
      </div>
      {exceptions.length > 0 && (
        <ul>
          {exceptions.slice(0, SHOWN).map(({ host, state, reason }) => (
            <li key={host}>
              <HostileText text={`${host}: ${state}${reason ? `, ${reason}` : ''}`} />
            </li>
          ))}
          {exceptions.length > SHOWN && <li>{countOf(exceptions.length - SHOWN, 'more host')}</li>}
        </ul>
      )}
      <div className={page.note}>
        {block.history.map((past) => (
          <span key={past.at + past.state}>
            {STATE_WORDS[past.state]}
            {portsText(past)} <When iso={past.at} />.{' '}
          </span>
        ))}
        {block.offence > 1 && `Offence ${block.offence}.`}
      </div>
    </section>
  );
}
