import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FleetwallError } from '@fleetwall/core';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { config as readDotenv } from 'dotenv';
import pino from 'pino';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { layFoundation } from './compose.js';
import { loadConfig } from './config.js';
import { listenOnControlSocket } from './control/control-socket.js';
import { standaloneError } from './errors.js';
import { Home } from './home.js';
import { StandaloneService } from './standalone.service.js';

const DRAIN_LIMIT_MS = 20_000;

async function main(): Promise<void> {
  readDotenv({ quiet: true });
  const { config, home: directory, file } = loadConfig(process.env, process.cwd());
  const log = pino({ level: config.log.level }, pino.destination({ dest: 2, sync: false }));
  const home = new Home(directory);
  const foundation = await layFoundation(config, home, log).catch((error: unknown) => {
    throw isDiskError(error) ? standaloneError('HOME_UNUSABLE', { home: directory, reason: error.message }) : error;
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(foundation), new FastifyAdapter(), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  const service = app.get(StandaloneService);
  await listen(app, config.http.port);
  const http = app.getHttpServer() as Server;
  service.http = http.address() as AddressInfo;
  await service.start();
  service.control = await listenOnControlSocket(http, home.controlSocket);
  log.info({ config: file, home: directory, port: service.http.port }, 'started');
  process.stdout.write(`${banner(service)}\n`);
  stopOnSignal(async () => {
    await service.stop();
    await app.close();
  }, log);
}

const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR'];

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return !(error instanceof FleetwallError) && DISK_ERRORS.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function listen(app: NestFastifyApplication, port: number): Promise<void> {
  try {
    await app.listen(port, '127.0.0.1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw standaloneError('PORT_TAKEN', { port }, { cause: error });
    throw error;
  }
}

/** The first signal drains; a second one, or a drain that hangs, ends at once (everything acknowledged is on disk). */
function stopOnSignal(stop: () => Promise<void>, log: pino.Logger): void {
  let stopping = false;
  const onSignal = (signal: string) => {
    if (stopping) process.exit(130);
    stopping = true;
    log.info({ signal }, 'draining');
    setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

main().catch((error: unknown) => {
  const known = error instanceof FleetwallError;
  const place = known && error.position ? `${error.position}: ` : '';
  process.stderr.write(
    known ? `fleetwall: ${place}${error.message}\n  ${error.hint}\n` : `fleetwall: ${(error as Error).stack}\n`,
  );
  process.exit(1);
});
