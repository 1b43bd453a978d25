import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

/** Where Fleetwall is installed: the directory of `fleetwall`, `rules/` and `policies/`. */
export const INSTALLED_AT = fileURLToPath(new URL('../../', import.meta.url));

/** What the command line needs to know of FLEETWALL_HOME; the service knows the rest. */
export interface Home {
  directory: string;
  /** A Unix socket, or a named pipe on Windows. */
  controlSocket: string;
  /** The file whose presence allows enforcement on this host. */
  armedMarker: string;
}

/**
 * FLEETWALL_HOME from the environment, else from `.env` in the working directory or where Fleetwall is installed, else
 * `.fleetwall` where it is installed: the same from every working directory. Never throws, since `disarm` needs it.
 */
export function findHome(env: NodeJS.ProcessEnv, cwd: string, installedAt = INSTALLED_AT): Home {
  const directory =
    named(env, cwd) ?? fromDotenv(cwd) ?? fromDotenv(installedAt) ?? join(resolve(installedAt), '.fleetwall');
  return { directory, controlSocket: controlSocketOf(directory), armedMarker: join(directory, 'armed') };
}

function controlSocketOf(directory: string): string {
  if (process.platform !== 'win32') return join(directory, 'control.sock');
  return `\\\\.\\pipe\\fleetwall-${Buffer.from(directory).toString('hex').slice(-64)}`;
}

function fromDotenv(directory: string): string | undefined {
  try {
    return named(parseEnv(readFileSync(join(directory, '.env'), 'utf8')) as NodeJS.ProcessEnv, directory);
  } catch {
    return undefined;
  }
}

function named(env: NodeJS.ProcessEnv, relativeTo: string): string | undefined {
  const name = env['FLEETWALL_HOME'];
  return name === undefined || name === '' ? undefined : resolve(relativeTo, name);
}
