import { setTimeout as delay } from 'node:timers/promises';
import { FleetwallError } from '@fleetwall/core';
import type { ProcessContext } from '@fleetwall/process';

const PATIENCE_MS = 120_000;
const PAUSE_MS = 2_000;

/**
 * Services and servers start in any order: what fails because a server is not there yet is tried again for two minutes.
 * Throws the last failure then, and at once what will not pass by itself.
 */
export async function patiently<T>(log: ProcessContext['log'], open: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof FleetwallError && error.retryable) || performance.now() > endMs) throw error;
      log.warn({ code: error.code, hint: error.hint }, `${error.message} Trying again.`);
      await delay(PAUSE_MS);
    }
  }
}
