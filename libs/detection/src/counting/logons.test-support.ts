import type { FleetEvent } from '@fleetwall/core';
import type { Counter, SnapshotPart } from './counter.js';
import type { Logon } from './excuses-oracle.test-support.js';

/** A plain rule that matches logons of an outcome, and is named after it. */
export const outcomeRule = (outcome: Logon['outcome']) => `
title: ${outcome}
name: ${outcome}
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: ${outcome}}, condition: s}
level: informational
`;

/** A correlation that alerts, also where another one refers to it. */
export const alertingCorrelation = (name: string, text: string) => `
title: ${name}
name: ${name}
taxonomy: ecs
correlation: {${text}}
generate: true
fleetwall: {lateness: 6h}
level: high
`;

export function logonEvent(
  { id, outcome, timeMs, address, account, host }: Logon,
  fields: Partial<FleetEvent> = {},
): FleetEvent {
  return {
    '@timestamp': timeMs,
    'event.original': id,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh-logon',
    'event.outcome': outcome,
    'host.name': host,
    'process.name': 'sshd',
    'source.ip': address,
    'user.name': account,
    'fleetwall.evidence': 'handshake',
    'fleetwall.attempt.id': id,
    ...fields,
  };
}

/** With the id that an attempt has. */
export function inNumbers<T extends object>(list: readonly T[]): (T & Pick<Logon, 'id'>)[] {
  return list.map((one, index) => ({ ...one, id: (index + 1).toString(16).padStart(12, '0') }));
}

/** A snapshot, which lasts whatever becomes of the counter. */
export function partsOf(counter: Counter): SnapshotPart[] {
  return [...counter.snapshot()].map((part) => ({ ...part, bytes: Buffer.from(part.bytes) }));
}
