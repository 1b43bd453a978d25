import { detectionSources, readDetections } from '@fleetwall/config';
import { countingSpecs, topicSpecs } from '@fleetwall/core';
import {
  installationSeed,
  openBus,
  openRegistry,
  patiently,
  requireSections,
  type Service,
  type ServiceContext,
} from '@fleetwall/service';
import { CorrelationModule } from './correlation.module.js';
import { horizonMsOf } from './horizon.js';
import { correlationNumbers } from './numbers.js';
import { CorrelationPipeline } from './pipeline.js';
import { FileSnapshotStore } from './snapshot-store.js';
import { TopicSnapshotStore } from './topic-snapshot-store.js';

/** Correlation as a process of its own; any number of them share the partitions. */
export async function correlation(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka', 'elasticsearch');
  const { config, home, log, consumers, troubles, onError, onNotice } = context;
  const { rules } = await readDetections(detectionSources({}, config));
  home.create();
  const bus = await openBus(context);
  const registry = await openRegistry(context);
  await bus.declare([...topicSpecs(kafka.partitions), ...countingSpecs(kafka.partitions, horizonMsOf(rules))]);
  const cache = new FileSnapshotStore(home.windows, onNotice);
  const module = CorrelationModule.register({
    bus,
    clock: Date.now,
    rules,
    snapshots: new TopicSnapshotStore({ bus, cache, onPassedOver: onNotice, onError }),
    seed: await patiently(log, () => installationSeed(registry)),
    maxWindowBytes: config.windows.maxBytes,
    snapshotEveryMs: config.windows.snapshotSeconds * 1_000,
    onError,
    onNotice,
  });
  return {
    module,
    start: async ({ app }) => {
      const pipeline: CorrelationPipeline = app.get(CorrelationPipeline);
      await pipeline.start();
      return {
        stop: async () => {
          await pipeline.stop();
          await bus.close();
          await registry.close();
        },
        problems: () => [...consumers.problems(), ...troubles.standing()],
        numbers: async () => [...correlationNumbers(pipeline), ...(await consumers.lags(bus))],
      };
    },
  };
}
