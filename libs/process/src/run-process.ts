import { type Config, Home, loadConfig } from '@fleetwall/config';
import { FleetwallError } from '@fleetwall/core';
import { config as readDotenv } from 'dotenv';
import pino, { type Logger } from 'pino';
import { processError } from './errors.js';
import { stopOnSignal } from './stop-on-signal.js';
import { Troubles } from './troubles.js';

/** What a process knows before it has opened anything. */
export interface ProcessContext {
  /** `gateway`, `collector` … */
  name: string;
  config: Config;
  /** The file of the options, if there is one. */
  configFile: string | undefined;
  home: Home;
  log: Logger;
  /** Failures of work that is tried again by itself. */
  troubles: Troubles;
  onError: (error: unknown) => void;
  onNotice: (text: string) => void;
}

/**
 * Runs as this process what `start` starts and what it answers stops: options from YAML, environment and `.env`; logs as
 * JSON on standard error; SIGTERM and Ctrl-C drain. Ends with 1 and one plain message when it cannot start.
 */
export function runProcess(name: string, start: (context: ProcessContext) => Promise<() => Promise<void>>): void {
  run(name, start).catch((error: unknown) => {
    process.stderr.write(`fleetwall: ${wordsOf(error)}\n`);
    process.exit(1);
  });
}

async function run(name: string, start: (context: ProcessContext) => Promise<() => Promise<void>>): Promise<void> {
  readDotenv({ quiet: true });
  const { config, home: directory, file } = loadConfig(process.env, process.cwd());
  const log = pino({ name, level: config.log.level }, pino.destination({ dest: 2, sync: false }));
  const troubles = new Troubles(log);
  const context: ProcessContext = {
    name,
    config,
    configFile: file,
    home: new Home(directory),
    log,
    troubles,
    onError: (error) => troubles.tell(error),
    onNotice: (text) => log.warn(text),
  };
  const stop = await start(context).catch((error: unknown) => {
    throw isDiskError(error) ? processError('HOME_UNUSABLE', { home: directory, reason: error.message }) : error;
  });
  stopOnSignal(stop, log);
}

const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR'];

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return !(error instanceof FleetwallError) && DISK_ERRORS.includes((error as NodeJS.ErrnoException).code ?? '');
}

function wordsOf(error: unknown): string {
  if (!(error instanceof FleetwallError)) return (error as Error).stack ?? String(error);
  const place = error.position ? `${error.position}: ` : '';
  return `${place}${error.message}\n  ${error.hint}`;
}
