import { Link } from '@tanstack/react-router';
import type { AlertInFull, Block } from '../api/types.js';
import { Until } from '../blocks/until.js';
import { enforcementText, reachText, STATE_WORDS } from '../blocks/words.js';
import { HostileText } from '../parts/hostile-text.js';
import { countOf } from '../parts/numbers.js';
import { When } from '../parts/when.js';
import styles from './alerts.module.css';

const SHOWN = 3;

/** What was blocked and where it is in force, in words that add up. */
export function Defence({ alert }: { alert: AlertInFull }) {
  const { blocks } = alert;
  if (blocks.length === 0) return <p className={styles.defence}>Nothing was blocked.</p>;
  return (
    <ul className={styles.defence}>
      {blocks.slice(0, SHOWN).map((block) => (
        <li key={block.id}>
          <Told block={block} />
        </li>
      ))}
      {blocks.length > SHOWN && <li>{countOf(blocks.length - SHOWN, 'more block')}</li>}
    </ul>
  );
}

function Told({ block }: { block: Block }) {
  const isInForce = block.state === 'active';
  return (
    <>
      <Link to="/blocks" search={{ q: block.target, block: block.id, tab: block.state }}>
        <HostileText text={block.target} />
      </Link>
      , <HostileText text={reachText(block)} />:{' '}
      {isInForce ? (
        <>
          <HostileText text={enforcementText(block.enforcement)} />, until <Until block={block} />
        </>
      ) : (
        <>
          {STATE_WORDS[block.state]} <When iso={block.at} />
        </>
      )}
      {block.except.length > 0 && `, except ${block.except.join(', ')}`}
    </>
  );
}
