import { countedOf, topicSpecs } from '@fleetwall/core';
import {
  openBus,
  openDecisionStore,
  openEventStore,
  openOrigins,
  requireSections,
  type Service,
  type ServiceContext,
  storeNumbers,
} from '@fleetwall/service';
import { IndexerModule } from './indexer.module.js';
import { IndexerPipeline } from './pipeline.js';
import { Retention } from './retention.js';

const RETENTION_EVERY_MS = 3_600_000;

/** The indexer as a process of its own; any number of them share the partitions. */
export async function indexer(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka', 'elasticsearch');
  const { config, home, consumers, troubles, onError } = context;
  home.create();
  const bus = await openBus(context);
  const store = await openEventStore(context);
  const decisions = await openDecisionStore(context);
  const origins = await openOrigins(context);
  await bus.declare(topicSpecs(kafka.partitions, config.store.retention));
  const retention = new Retention({ store, decisions, clock: Date.now, ...config.store });
  const dropOld = () => void retention.enforce().catch(onError);
  return {
    module: IndexerModule.register({ bus, store, decisions, origins, onError }),
    start: async ({ app }) => {
      const pipeline: IndexerPipeline = app.get(IndexerPipeline);
      await pipeline.start();
      dropOld();
      const retaining = setInterval(dropOld, RETENTION_EVERY_MS);
      return {
        stop: async () => {
          clearInterval(retaining);
          await pipeline.stop();
          await bus.close();
          await Promise.all([store.close(), decisions.close(), origins.close()]);
        },
        problems: () => [...consumers.problems(), ...troubles.standing()],
        numbers: async () => [
          ...countedOf('indexer', 'Indexer', pipeline.stats, []),
          ...storeNumbers(store),
          ...origins.numbers(),
          ...(await consumers.lags(bus)),
        ],
      };
    },
  };
}
