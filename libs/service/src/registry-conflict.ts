import { FleetwallError } from '@fleetwall/core';

/** Whether the registry refused a write because somebody else changed the document meanwhile. */
export function isRegistryConflict(error: unknown): boolean {
  return error instanceof FleetwallError && error.code === 'REGISTRY_CONFLICT';
}
