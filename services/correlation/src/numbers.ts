import { countedOf, type Measured, sumOf } from '@fleetwall/core';
import type { CorrelationPipeline } from './pipeline.js';

const WINDOW_GAUGES = ['keys', 'episodes', 'bytes', 'openAlerts'];
const PARTITION_GAUGES = ['restoreMs', 'counted', 'snapshotBytes', 'snapshotAtMs'] as const;

/** What correlation tells of itself: of each rule over all partitions, and of each partition. */
export function correlationNumbers(pipeline: CorrelationPipeline): Measured[] {
  const partitions = pipeline.counterStats();
  const rules = new Set(partitions.flatMap((stats) => Object.keys(stats)));
  return [
    ...countedOf('correlation', 'Correlation', { ...pipeline.stats, partitions: partitions.length }, [
      'lagMs',
      'partitions',
    ]),
    ...[...rules].flatMap((rule) =>
      countedOf('windows', 'Windows', sumOf(partitions.map((stats) => stats[rule] ?? {})), WINDOW_GAUGES, { rule }),
    ),
    ...pipeline
      .partitionStats()
      .flatMap(({ partition, ...stats }) =>
        countedOf('partition', 'Partition of observations', stats, PARTITION_GAUGES, { partition: String(partition) }),
      ),
  ];
}
