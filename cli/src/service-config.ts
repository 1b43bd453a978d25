import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cliError } from './errors.js';
import { type Home, INSTALLED_AT } from './home.js';

/** The options of the service that commands without a service need. */
export interface ServiceConfig {
  rules?: string[];
  policies?: string;
  firewall: 'auto' | 'nftables' | 'dry-run';
  collector: { files: 'auto' | string[]; journald: 'auto' | boolean };
}

interface ConfigModule {
  loadConfig(env: NodeJS.ProcessEnv, cwd: string): { config: ServiceConfig; file: string | undefined };
}

/**
 * The configuration as the service itself would read it at its next start. The schema is the service's own; it is loaded
 * from where the service is installed, so that a mistake is told in the same words. Throws CONFIG_INVALID with the place.
 */
export async function readServiceConfig(home: Home): Promise<{ config: ServiceConfig; file: string | undefined }> {
  const path = join(INSTALLED_AT, 'services/standalone/dist/config.js');
  if (!existsSync(path)) throw cliError('NOT_INSTALLED_WHOLE', { path });
  const { loadConfig } = (await import(pathToFileURL(path).href)) as ConfigModule;
  return loadConfig({ ...process.env, FLEETWALL_HOME: home.directory }, process.cwd());
}
