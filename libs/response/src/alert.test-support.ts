import type { AlertChange } from '@fleetwall/core';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** When alerts fire. */
export const T = Date.UTC(2026, 10, 22, 12);
/** Whom they are about. */
export const R = '198.51.100.7';

let version = 0;

/** Higher than every one before. */
export function nextVersion(): number {
  return ++version;
}

/** An alert change that leads to a block of {@link R}, where a policy is for its rule. */
export function alert(change: Partial<AlertChange> = {}): AlertChange {
  return {
    id: 'a1',
    version: nextVersion(),
    state: 'open',
    rule: 'fast',
    ruleId: '00000000-0000-4000-8000-000000000001',
    title: 'Fast',
    level: 'high',
    tags: [],
    tenant: 'default',
    key: { 'source.ip': R },
    evidenceClass: 'handshake',
    knownGood: false,
    history: false,
    threshold: 5,
    firstMs: T - MINUTE_MS,
    lastMs: T,
    firedMs: T,
    count: 5,
    hosts: ['web-01', 'web-02'],
    evidence: [],
    contributors: [],
    cleared: [],
    ...change,
  };
}
