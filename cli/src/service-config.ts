import { type LoadedConfig, loadConfig } from '@fleetwall/config';
import type { Home } from './home.js';

/** The configuration as a service would read it at its next start. Throws CONFIG_INVALID with the place. */
export function readServiceConfig(home: Home): LoadedConfig {
  return loadConfig({ ...process.env, FLEETWALL_HOME: home.directory }, process.cwd());
}
