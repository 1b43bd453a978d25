import { DetectionWatch, detectionSources, readKnownProxies } from '@fleetwall/config';
import { type EventStore, topicSpecs } from '@fleetwall/core';
import {
  ControlGuard,
  listenOnControlSocket,
  openBus,
  openEventStore,
  openRegistry,
  RequestDesk,
  requireSections,
  type Service,
  type ServiceContext,
} from '@fleetwall/service';
import { Module } from '@nestjs/common';
import { BlockControlModule } from './control/control.module.js';
import { responseNumbers } from './numbers.js';
import { ResponsePipeline } from './pipeline.js';
import { ResponseModule } from './response.module.js';

@Module({})
class ResponseServiceModule {}

/** Opened by the first who needs it; a failure is not kept. */
class LazyStore {
  readonly #open: () => Promise<EventStore>;
  #opened: Promise<EventStore> | undefined;

  constructor(open: () => Promise<EventStore>) {
    this.#open = open;
  }

  get(): Promise<EventStore> {
    const opened = this.#opened ?? this.#open();
    this.#opened = opened;
    opened.catch(() => {
      this.#opened = undefined;
    });
    return opened;
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close();
  }
}

/** The response service as a process of its own: one decides, others stand by. */
export async function response(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka', 'elasticsearch');
  const { config, home, log, consumers, troubles, onError } = context;
  const watch = await DetectionWatch.open({ sources: detectionSources({}, config), log });
  const { policies } = watch.detections;
  const { exemptions } = await readKnownProxies(config);
  home.create();
  const bus = await openBus(context);
  const registry = await openRegistry(context);
  const store = new LazyStore(() => openEventStore(context));
  await bus.declare(topicSpecs(kafka.partitions, config.store.retention));
  const desk = new RequestDesk(bus);
  const { tenancy, limits } = config;
  const options = { bus, registry, clock: Date.now, policies, tenancy, limits, exemptions, onError };
  const module = ResponseModule.register(options);
  const control = BlockControlModule.register(module, { desk, registry, store: () => store.get() });
  return {
    module: { module: ResponseServiceModule, imports: [module, control], providers: [ControlGuard] },
    start: async ({ app, server }) => {
      const pipeline: ResponsePipeline = app.get(ResponsePipeline);
      await pipeline.start();
      watch.start((changed) => pipeline.use(changed.policies));
      await desk.start();
      const socket = await listenOnControlSocket(server, home.controlSocket);
      return {
        stop: async () => {
          socket.close();
          await watch.close();
          await pipeline.stop();
          await desk.stop();
          await bus.close();
          await Promise.all([registry.close(), store.close()]);
        },
        problems: () => [...consumers.problems(), ...troubles.standing()],
        numbers: async () => [...responseNumbers(pipeline), ...watch.numbers(), ...(await consumers.lags(bus))],
      };
    },
  };
}
