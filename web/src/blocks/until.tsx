import type { Block } from '../api/types.js';
import { When } from '../parts/when.js';

/** When a block ends: one without an end has a time that is put off again and again, which tells nobody anything. */
export function Until({ block: { isEndless, state, until } }: { block: Block }) {
  return isEndless && state === 'active' ? <>it is off the denylist</> : <When iso={until} />;
}
