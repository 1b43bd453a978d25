import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';
import { INSTALLED_AT } from '../home.js';

const HELP = `
Options come from fleetwall.yml (in the working directory, in FLEETWALL_HOME, or where FLEETWALL_CONFIG says) and from the
environment: FLEETWALL_HTTP_PORT is http.port.`;

/** Everything that can run as a process, and where it begins. */
const PROCESSES = {
  standalone: ['services/standalone', 'run all services and a collector for this host in this terminal, until Ctrl-C'],
  collector: ['collector', 'run the collector of this host, joined to a gateway'],
  gateway: ['services/gateway', 'run a gateway: collectors connect to it'],
  correlation: ['services/correlation', 'run an instance of correlation: events to alerts'],
  response: ['services/response', 'run an instance of response: alerts to blocks; others stand by'],
  console: ['services/console', 'run a console of the cluster: its API and its pages'],
  indexer: ['services/indexer', 'run an indexer: events, alerts and blocks into Elasticsearch'],
} as const;

/** The service lives in the process of the command, so that signals and the process id are its own. */
export function addServices(program: Command, { home }: Context): void {
  for (const [name, [folder, description]] of Object.entries(PROCESSES)) {
    program
      .command(name)
      .description(description)
      .addHelpText('after', HELP)
      .action(async () => {
        const path = join(INSTALLED_AT, folder, 'dist/main.js');
        if (!existsSync(path)) throw cliError('NOT_INSTALLED_WHOLE', { path });
        process.env['FLEETWALL_HOME'] = home.directory;
        await import(pathToFileURL(path).href);
      });
  }
}
