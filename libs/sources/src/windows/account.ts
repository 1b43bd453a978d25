import type { FleetEvent } from '@fleetwall/core';

/** Writes an account as Windows and its services print it: `DOMAIN\name`, or a name alone, also an empty one. */
export function writeAccount(event: FleetEvent, account: string | undefined): void {
  if (account === undefined) return;
  const at = account.indexOf('\\');
  if (at > 0) event['user.domain'] = account.slice(0, at);
  event['user.name'] = account.slice(at + 1);
}
