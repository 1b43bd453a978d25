import { randomBytes } from 'node:crypto';
import type { Registry } from '@fleetwall/core';
import { isRegistryConflict } from './registry-conflict.js';

const COLLECTION = 'installation';
const SEED = 'seed';

/**
 * The secret numbers that hash what attackers write, the same for all instances, so that one may go on with another's
 * windows. The first instance makes them.
 */
export async function installationSeed(registry: Registry): Promise<[number, number, number]> {
  const known = await registry.get<[number, number, number]>(COLLECTION, SEED);
  if (known) return known.value;
  const bytes = randomBytes(12);
  const seed: [number, number, number] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  try {
    await registry.put(COLLECTION, SEED, seed, 0);
    return seed;
  } catch (error) {
    if (isRegistryConflict(error)) return installationSeed(registry);
    throw error;
  }
}
