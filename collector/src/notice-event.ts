import type { FleetEvent } from '@fleetwall/core';

/** Something that happened to the product itself on this host. */
export interface Notice {
  action: string;
  message: string;
}

/** An event about the product itself: it goes the way of all events. */
export function noticeEvent(
  { agentId, host }: { agentId: string; host: string },
  { action, message }: Notice,
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
