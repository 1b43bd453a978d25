import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ProcessContext, portError, runProcess } from '@fleetwall/process';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConsumerWatch } from './observe/consumer-watch.js';
import { ObserveModule } from './observe/observe.module.js';
import type { Observed } from './observe/observed.js';

export interface ServiceContext extends ProcessContext {
  /** Watches everything that is consumed from the bus. */
  consumers: ConsumerWatch;
}

/** The process once it listens. */
export interface Listening {
  app: INestApplicationContext;
  server: Server;
  address: AddressInfo;
}

/** A service that is composed: what Nest builds, and how it starts. */
export interface Service {
  module: DynamicModule;
  start(listening: Listening): Promise<Running>;
}

/** A service at work. */
export interface Running extends Observed {
  /** Finishes and commits what is under way, then lets go of everything. */
  stop(): Promise<void>;
}

/** No endpoint takes more. */
const MAX_BODY_BYTES = 64 << 10;

@Module({})
class RootModule {}

/** Runs a service as this process, with health and metrics over HTTP. */
export function runService(name: string, compose: (context: ServiceContext) => Promise<Service>): void {
  runProcess(name, (context) => run({ ...context, consumers: new ConsumerWatch() }, compose));
}

/** A service as Nest builds it, with health, metrics and its answers to errors; it does not listen yet. */
export function createApp(module: DynamicModule, observed: Observed): Promise<NestFastifyApplication> {
  const root = { module: RootModule, imports: [ObserveModule.register(observed), module] };
  const adapter = new FastifyAdapter({ bodyLimit: MAX_BODY_BYTES });
  return NestFactory.create<NestFastifyApplication>(root, adapter, { logger: ['error', 'warn'], abortOnError: false });
}

/** Answers how to stop it. */
async function run(
  context: ServiceContext,
  compose: (context: ServiceContext) => Promise<Service>,
): Promise<() => Promise<void>> {
  const { config, configFile, home, log } = context;
  const service = await compose(context);
  let running: Running | undefined;
  const observed: Observed = {
    problems: () => running?.problems() ?? ['still starting or stopping'],
    numbers: async () => (await running?.numbers()) ?? [],
  };
  const app = await createApp(service.module, observed);
  const { host, port } = config.http;
  await app.listen(port, host).catch((error: unknown) => {
    throw portError(error, host, port);
  });
  const server = app.getHttpServer() as Server;
  const address = server.address() as AddressInfo;
  const started = await service.start({ app, server, address });
  running = started;
  log.info({ config: configFile, home: home.directory, port: address.port }, 'started');
  return async () => {
    running = undefined;
    await started.stop();
    await app.close();
  };
}
