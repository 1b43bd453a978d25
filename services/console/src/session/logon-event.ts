import { randomUUID } from 'node:crypto';
import type { FleetEvent } from '@fleetwall/core';

export interface Logon {
  outcome: 'success' | 'failure';
  nowMs: number;
  host: string;
  /** Canonical; absent where it may be a proxy's. */
  address: string | undefined;
  /** Of an account that exists: anything else may be a password in the wrong field. */
  account: string | undefined;
}

/**
 * A sign-in at the console itself, as every other logon: rules count the failures, and know by the successes whose address
 * it is.
 */
export function logonEvent({ outcome, nowMs, host, address, account }: Logon): FleetEvent {
  const id = randomUUID();
  const words = outcome === 'success' ? 'signed in' : 'failed to sign in';
  return {
    '@timestamp': nowMs,
    'event.id': id,
    'event.original': `console: ${account ?? 'an unknown account'} ${words} from ${address ?? 'an unknown address'}`,
    'event.kind': 'event',
    'event.module': 'console',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': outcome === 'success' ? 'logged-on' : 'logon-failed',
    'event.outcome': outcome,
    'host.name': host,
    'process.name': 'fleetwall',
    ...(address === undefined ? {} : { 'source.ip': address }),
    ...(account === undefined ? {} : { 'user.name': account }),
    'fleetwall.evidence': 'handshake',
    'fleetwall.attempt.role': 'attempt',
    'fleetwall.attempt.id': id.replaceAll('-', '').slice(0, 12),
  };
}
