import { DetectionWatch, detectionSources } from '@fleetwall/config';
import { topicSpecs } from '@fleetwall/core';
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
import { declareCounting } from './horizon.js';
import { correlationNumbers } from './numbers.js';
import { CorrelationPipeline } from './pipeline.js';
import { FileSnapshotStore } from './snapshot-store.js';
import { TopicSnapshotStore } from './topic-snapshot-store.js';

/** Correlation as a process of its own; any number of them share the partitions. */
export async function correlation(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka', 'elasticsearch');
  const { config, home, log, consumers, troubles, onError, onNotice } = context;
  const watch = await DetectionWatch.open({ sources: detectionSources({}, config), log });
  const { rules } = watch.detections;
  home.create();
  const bus = await openBus(context);
  const registry = await openRegistry(context);
  await bus.declare(topicSpecs(kafka.partitions, config.store.retention));
  await declareCounting(bus, kafka.partitions, rules);
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
      watch.start(async (changed) => {
        await declareCounting(bus, kafka.partitions, changed.rules);
        pipeline.use(changed.rules);
      });
      return {
        stop: async () => {
          await watch.close();
          await pipeline.stop();
          await bus.close();
          await registry.close();
        },
        problems: () => [...consumers.problems(), ...troubles.standing()],
        numbers: async () => [...correlationNumbers(pipeline), ...watch.numbers(), ...(await consumers.lags(bus))],
      };
    },
  };
}
