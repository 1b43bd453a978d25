import { hostname } from 'node:os';
import { DetectionWatch, detectionSources, readCustomSources, readKnownProxies } from '@fleetwall/config';
import { type Bus, encodeEvent, eventTopicOf, type FleetEvent, topicSpecs } from '@fleetwall/core';
import {
  openBus,
  openDecisionStore,
  openEventStore,
  openOrigins,
  openRegistry,
  RequestDesk,
  requireSections,
  type Service,
  type ServiceContext,
} from '@fleetwall/service';
import { TrustedProxies } from '@fleetwall/sources';
import { configuredOptions } from './configured-options.js';
import { ConsoleModule } from './console.module.js';
import { ConsoleService } from './console-service.js';

/** The console as a process of its own; any number of them share the registry. */
export async function consoleProcess(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka', 'elasticsearch');
  const { config, home, log, consumers, troubles, onError } = context;
  const watch = await DetectionWatch.open({ sources: detectionSources({}, config), log });
  const { exemptions, trusted } = await readKnownProxies(config);
  // Only trying rules needs them, so one that cannot be read keeps nobody from the console.
  const customSources = await readCustomSources(config.sources).catch((error: unknown) => {
    onError(error);
    return [];
  });
  home.create();
  const bus = await openBus(context);
  const registry = await openRegistry(context);
  const store = await openEventStore(context, { onlyReads: true });
  const decisions = await openDecisionStore(context);
  const origins = await openOrigins(context);
  await bus.declare(topicSpecs(kafka.partitions, config.store.retention));
  const desk = new RequestDesk(bus);
  const host = config.collector.host ?? hostname();
  const numbers = async () => [...watch.numbers(), ...origins.numbers(), ...(await consumers.lags(bus))];
  const problems = () => [...consumers.problems(), ...troubles.standing()];
  return {
    module: ConsoleModule.register({
      ...configuredOptions(config, home),
      bus,
      registry,
      store,
      decisions,
      origins,
      desk,
      host,
      exemptions,
      customSources,
      problems,
      numbers,
      onError,
      detections: watch,
      clock: Date.now,
      proxies: new TrustedProxies(trusted),
      deployment: 'cluster',
      report: (event) => publish(bus, event, host),
    }),
    start: async ({ app, address }) => {
      const service: ConsoleService = app.get(ConsoleService);
      watch.start(() => undefined);
      await desk.start();
      await service.start();
      const page = service.setupPage();
      if (page !== undefined)
        process.stdout.write(`The first administrator: http://127.0.0.1:${address.port}${page}\n`);
      return {
        stop: async () => {
          await watch.close();
          await service.stop();
          await desk.stop();
          await bus.close();
          await Promise.all([registry.close(), store.close(), decisions.close(), origins.close()]);
        },
        problems,
        numbers: async () => [...(await numbers()), ...service.numbers()],
      };
    },
  };
}

/** There is no gateway in this process: the console stamps what it says of itself as one would. */
async function publish(bus: Bus, event: FleetEvent, host: string): Promise<void> {
  const stamps = { 'agent.id': 'console', 'host.id': host, 'organization.id': 'default', 'event.ingested': Date.now() };
  const value = Buffer.from(encodeEvent({ ...event, ...stamps }));
  await bus.publish(eventTopicOf(event), [{ key: host, value }]);
}
