import type { AlertChange } from '@fleetwall/core';

/** What the response service reads of an alert about one address. */
export function alertOf(id: string, address: string, more: Partial<AlertChange> = {}): Partial<AlertChange> {
  return {
    ...{ id, version: 1, state: 'open', rule: 'fast', title: 'Fast', tags: [], tenant: 'default' },
    ...{ key: { 'source.ip': address }, evidenceClass: 'handshake', threshold: 5, count: 5 },
    ...{ lastMs: Date.UTC(2026, 10, 22, 12), hosts: ['web-01'], evidence: [], contributors: [], cleared: [] },
    ...more,
  };
}
