import type { Block } from '../api/types.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';
import { enforcementText, STATE_WORDS, scopeText } from './words.js';

const SHOWN = 20;

/** One block in full: where it holds, where not and why. */
export function Enforcing({ block }: { block: Block }) {
  const { exceptions } = block.enforcement;
  return (
    <section className={page.panel} aria-label="The block">
      <h2>
        <HostileText text={block.target} />, {scopeText(block.scope)}
      </h2>
      <div>
        <HostileText text={block.state === 'active' ? enforcementText(block.enforcement) : STATE_WORDS[block.state]} />
        {block.except.length > 0 && `; stays reachable: ${block.except.join(', ')}`}
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
        {block.history.map(({ at, state }) => (
          <span key={at + state}>
            {STATE_WORDS[state]} <When iso={at} />.{' '}
          </span>
        ))}
        {block.offence > 1 && `Offence ${block.offence}.`}
      </div>
    </section>
  );
}
