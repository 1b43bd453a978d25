import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Config, Home, loadConfig } from '@fleetwall/config';
import { FleetwallError } from '@fleetwall/core';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { config as readDotenv } from 'dotenv';
import pino, { type Logger } from 'pino';
import { serviceError } from './errors.js';
import { ConsumerWatch } from './observe/consumer-watch.js';
import { ObserveModule } from './observe/observe.module.js';
import type { Observed } from './observe/observed.js';
import { Troubles } from './observe/troubles.js';
import { stopOnSignal } from './stop-on-signal.js';

/** What a process knows before it has opened anything. */
export interface ServiceContext {
  /** `gateway`, `correlation` … */
  name: string;
  config: Config;
  home: Home;
  log: Logger;
  /** Failures of work that is tried again by itself. */
  troubles: Troubles;
  consumers: ConsumerWatch;
  onError: (error: unknown) => void;
  onNotice: (text: string) => void;
}

/** The process once it listens. */
export interface Listening {
  app: INestApplicationContext;
  server: Server;
  address: AddressInfo;
}

/** A service: what Nest builds, how it starts and stops, and what it tells of itself. */
export interface Service extends Observed {
  module: DynamicModule;
  start(listening: Listening): Promise<void>;
  /** Finishes and commits what is under way, then lets go of everything. */
  stop(): Promise<void>;
}

@Module({})
class RootModule {}

/**
 * Runs a service as this process: options from YAML, environment and `.env`; logs as JSON on standard error; health and
 * metrics over HTTP; SIGTERM and Ctrl-C drain. Ends with 1 and one plain message when it cannot start.
 */
export function runService(name: string, compose: (context: ServiceContext) => Promise<Service>): void {
  run(name, compose).catch((error: unknown) => {
    const known = error instanceof FleetwallError;
    const place = known && error.position ? `${error.position}: ` : '';
    process.stderr.write(
      known ? `fleetwall: ${place}${error.message}\n  ${error.hint}\n` : `fleetwall: ${(error as Error).stack}\n`,
    );
    process.exit(1);
  });
}

async function run(name: string, compose: (context: ServiceContext) => Promise<Service>): Promise<void> {
  readDotenv({ quiet: true });
  const { config, home: directory, file } = loadConfig(process.env, process.cwd());
  const log = pino({ name, level: config.log.level }, pino.destination({ dest: 2, sync: false }));
  const troubles = new Troubles(log);
  const context: ServiceContext = {
    name,
    config,
    home: new Home(directory),
    log,
    troubles,
    consumers: new ConsumerWatch(),
    onError: (error) => troubles.tell(error),
    onNotice: (text) => log.warn(text),
  };
  const service = await compose(context).catch((error: unknown) => {
    throw isDiskError(error) ? serviceError('HOME_UNUSABLE', { home: directory, reason: error.message }) : error;
  });
  let isReady = false;
  const observed: Observed = {
    problems: () => (isReady ? service.problems() : ['still starting or stopping']),
    numbers: () => service.numbers(),
  };
  const root = { module: RootModule, imports: [ObserveModule.register(observed), service.module] };
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  await listen(app, config.http);
  const server = app.getHttpServer() as Server;
  const address = server.address() as AddressInfo;
  await service.start({ app, server, address });
  isReady = true;
  log.info({ config: file, home: directory, port: address.port }, 'started');
  stopOnSignal(async () => {
    isReady = false;
    await service.stop();
    await app.close();
  }, log);
}

const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR'];

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return !(error instanceof FleetwallError) && DISK_ERRORS.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function listen(app: NestFastifyApplication, { host, port }: Config['http']): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw serviceError('PORT_TAKEN', { host, port }, { cause: error });
    throw error;
  }
}
