import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';
import { INSTALLED_AT } from '../home.js';

const SERVICE = join(INSTALLED_AT, 'services/standalone/dist/main.js');

const HELP = `
Options come from fleetwall.yml (in the working directory, in FLEETWALL_HOME, or where FLEETWALL_CONFIG says) and from the
environment: FLEETWALL_HTTP_PORT is http.port.`;

/** The service lives in the process of the command, so that signals and the process id are its own. */
export function addStandalone(program: Command, { home }: Context): void {
  program
    .command('standalone')
    .description('run all services and a collector for this host in this terminal, until Ctrl-C')
    .addHelpText('after', HELP)
    .action(async () => {
      if (!existsSync(SERVICE)) throw cliError('NOT_INSTALLED_WHOLE', { path: SERVICE });
      process.env['FLEETWALL_HOME'] = home.directory;
      await import(pathToFileURL(SERVICE).href);
    });
}
