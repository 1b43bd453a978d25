import type { FleetEvent } from '@fleetwall/core';
import type { EnforcerNotice } from './enforcement/index.js';

/** An event about the product itself: it goes the way of all events. */
export function noticeEvent(
  { agentId, host }: { agentId: string; host: string },
  { action, message }: EnforcerNotice,
  nowMs: number,
  number: number,
): FleetEvent {
  return {
    '@timestamp': nowMs,
    'event.original': message,
    'event.id': `${agentId}-notice-${nowMs.toString(36)}-${number}-${action}`,
    'event.kind': 'event',
    'event.module': 'fleetwall',
    'event.category': ['configuration'],
    'event.type': ['change'],
    'event.action': action,
    'host.name': host,
    'process.name': 'fleetwall',
    'fleetwall.evidence': 'handshake',
  };
}
