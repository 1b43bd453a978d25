import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '@fleetwall/config';
import { FleetwallError } from '@fleetwall/core';
import type { Home } from '../home.js';
import type { Check } from './check.js';

const SCARCE_BYTES = 1 << 30;
const TOO_FEW_BYTES = 100 << 20;

/** What needs no service to be told: Node, room on the disk, configuration, rules and policies. */
export async function checkInstallation(home: Home): Promise<{ checks: Check[]; config: Config | undefined }> {
  const node: Check = { area: 'node', state: 'ok', text: `Node ${process.versions.node}` };
  const { check: read, config } = await checkConfig(home);
  return { checks: [node, checkRoom(home), read, await checkRules(config)], config };
}

function checkRoom({ directory }: Home): Check {
  const area = 'home';
  const nearest = existing(directory);
  try {
    accessSync(nearest, constants.W_OK);
  } catch {
    const hint = 'The service must run as a user who may; set FLEETWALL_HOME to choose another directory.';
    return { area, state: 'note', text: `this user may not write to ${nearest}`, hint };
  }
  const { bavail, bsize } = statfsSync(nearest);
  const freeBytes = bavail * bsize;
  const text = `${(freeBytes / 2 ** 30).toFixed(1)} GiB free for ${directory}`;
  if (freeBytes >= SCARCE_BYTES) return { area, state: 'ok', text };
  const hint = 'Make room, or set FLEETWALL_HOME to a directory on another disk.';
  return { area, state: freeBytes < TOO_FEW_BYTES ? 'bad' : 'note', text, hint };
}

/** The directory, or the nearest one above it that is there already. */
function existing(directory: string): string {
  const above = dirname(directory);
  return existsSync(directory) || above === directory ? directory : existing(above);
}

async function checkConfig(home: Home): Promise<{ check: Check; config: Config | undefined }> {
  const { readServiceConfig } = await import('../service-config.js');
  try {
    const { config, file } = readServiceConfig(home);
    return { check: { area: 'config', state: 'ok', text: file ?? 'no fleetwall.yml: defaults' }, config };
  } catch (error) {
    return { check: mistake('config', error), config: undefined };
  }
}

async function checkRules(config: Config | undefined): Promise<Check> {
  const { checkDetections, detectionSources } = await import('@fleetwall/config');
  try {
    const { rules, policies, problems } = await checkDetections(detectionSources({}, config));
    const [first] = problems;
    if (first) {
      const hint = `${first.hint} See all ${problems.length} with \`fleetwall rules check\`.`;
      return { area: 'rules', state: 'bad', text: `${first.position}: ${first.message}`, hint };
    }
    const counts = `${rules.rules.length} rules, ${rules.correlations.length} correlations, ${policies.length} policies`;
    return { area: 'rules', state: 'ok', text: counts };
  } catch (error) {
    return mistake('rules', error);
  }
}

function mistake(area: Check['area'], error: unknown): Check {
  if (!(error instanceof FleetwallError)) throw error;
  const place = error.position === undefined ? '' : `${error.position}: `;
  return { area, state: 'bad', text: `${place}${error.message}`, hint: error.hint };
}
