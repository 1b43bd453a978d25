import { DetectionWatch, detectionSources } from '@fleetwall/config';
import { topicSpecs } from '@fleetwall/core';
import { RULE_SWITCHES, type RuleSwitch } from '@fleetwall/response';
import {
  FollowedList,
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
  const seed = await patiently(log, () => installationSeed(registry));
  const switches = new FollowedList<RuleSwitch>(registry, RULE_SWITCHES);
  await patiently(log, () => switches.start());
  const module = CorrelationModule.register({
    bus,
    clock: Date.now,
    rules,
    modeOf: (rule) => switches.all().get(rule)?.mode ?? 'on',
    snapshots: new TopicSnapshotStore({ bus, cache, onPassedOver: onNotice, onError }),
    seed,
    maxWindowBytes: config.windows.maxBytes,
    snapshotEveryMs: config.windows.snapshotSeconds * 1_000,
    onError,
    onNotice,
  });
  return {
    module,
    start: async ({ app }) => {
      const pipeline: CorrelationPipeline = app.get(CorrelationPipeline);
      switches.onChange = () => pipeline.useSwitches();
      await pipeline.start();
      watch.start(async (changed) => {
        await declareCounting(bus, kafka.partitions, changed.rules);
        pipeline.use(changed.rules);
      });
      return {
        stop: async () => {
          switches.stop();
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
