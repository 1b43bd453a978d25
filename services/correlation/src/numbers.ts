import { type Measured, measuredOf, sumOf } from '@fleetwall/core';
import type { CorrelationPipeline } from './pipeline.js';

/** What correlation tells of itself: of each rule over all partitions, and of each partition. */
export function correlationNumbers(pipeline: CorrelationPipeline): Measured[] {
  const partitions = pipeline.counterStats();
  const rules = new Set(partitions.flatMap((stats) => Object.keys(stats)));
  return [
    ...measuredOf('correlation', 'Correlation', { ...pipeline.stats, partitions: partitions.length }),
    ...[...rules].flatMap((rule) =>
      measuredOf('windows', 'Windows', sumOf(partitions.map((stats) => stats[rule] ?? {})), { rule }),
    ),
    ...pipeline
      .partitionStats()
      .flatMap(({ partition, ...stats }) =>
        measuredOf('partition', 'Partition of observations', stats, { partition: String(partition) }),
      ),
  ];
}
