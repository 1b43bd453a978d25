import { type Measured, measuredOf } from '@fleetwall/core';
import type { ResponsePipeline } from './pipeline.js';

/** What the response service tells of itself. */
export function responseNumbers(pipeline: ResponsePipeline): Measured[] {
  const blocks = [...pipeline.decider.book.all()];
  const inState = (state: string) => blocks.filter((block) => block.state === state).length;
  return [
    ...measuredOf('response', 'Response', pipeline.stats),
    ...measuredOf('response', 'Response', pipeline.decider.stats),
    ...measuredOf('blocks', 'Blocks', { active: inState('active'), held: inState('held') }),
  ];
}
