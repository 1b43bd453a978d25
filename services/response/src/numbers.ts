import { countedOf, type Measured, measuredOf } from '@fleetwall/core';
import { OTHER_REASONS } from '@fleetwall/response';
import type { ResponsePipeline } from './pipeline.js';

/** What the response service tells of itself. */
export function responseNumbers(pipeline: ResponsePipeline): Measured[] {
  const { stats, book } = pipeline.decider;
  const { active, held } = book.states;
  const refused = Object.entries({ [OTHER_REASONS]: 0, ...stats.refused });
  return [
    ...countedOf('response', 'Response', pipeline.stats, ['active', 'term']),
    ...countedOf('response', 'Response', stats, []),
    ...refused.flatMap(([reason, count]) =>
      countedOf('blocks', 'Blocks that were not made', { refused: count }, [], { reason }),
    ),
    ...measuredOf('blocks', 'Blocks', { active, held, remembered: book.size }),
  ];
}
