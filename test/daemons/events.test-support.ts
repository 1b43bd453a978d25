import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { FleetEvent } from '@fleetwall/core';
import { LineReader } from '../../collector/src/line-reader.js';

/** An address that no client has: only text of clients names it. */
export const BYSTANDER = '192.0.2.66';

/** Names that attack the log of whatever prints them. */
export const HOSTILE_NAMES = [
  `root from ${BYSTANDER} port 22`,
  `a rhost=${BYSTANDER} user=root`,
  `[${BYSTANDER}]`,
  `x" FAIL LOGIN: Client "${BYSTANDER}"`,
  `x', rip=${BYSTANDER}, y=<'`,
];

/** A try as the events tell of it, whichever of them do. */
export interface Try {
  ip: string;
  /** Every name that its events give; one, if they agree. */
  user: string;
}

/** Events of files in the order given, as the collector reads them. */
export function readLogs(...paths: string[]): FleetEvent[] {
  const reader = new LineReader({ agentId: 'agent', seed: [1, 2, 3], host: hostname(), zone: 'UTC', clock: Date.now });
  return paths.flatMap((path) => {
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((text, n) => {
      const id = `${path}-${n}`;
      return reader.read({ text, truncated: false, id, stream: path, history: false, readMs: Date.now() }) ?? [];
    });
  });
}

/** Failed tries: one for each attempt id. */
export function failedTries(events: readonly FleetEvent[], unescaped = (name: string) => name): Try[] {
  const users = new Map<string, { ips: Set<string>; names: Set<string> }>();
  for (const event of events) {
    if (event['event.outcome'] !== 'failure') continue;
    for (const id of idsOf(event)) {
      const known = users.get(id) ?? { ips: new Set(), names: new Set() };
      users.set(id, known);
      if (event['source.ip'] !== undefined) known.ips.add(event['source.ip']);
      if (event['user.name'] !== undefined) known.names.add(unescaped(event['user.name']));
    }
  }
  return [...users.values()].map(({ ips, names }) => ({ ip: [...ips].join('|'), user: [...names].join('|') }));
}

export function successes(events: readonly FleetEvent[]): Try[] {
  return events
    .filter((event) => event['event.outcome'] === 'success')
    .map((event) => ({ ip: event['source.ip'] ?? '', user: event['user.name'] ?? '' }));
}

function idsOf(event: FleetEvent): string[] {
  if (event['fleetwall.attempt.ids']) return event['fleetwall.attempt.ids'];
  return event['fleetwall.attempt.id'] === undefined ? [] : [event['fleetwall.attempt.id']];
}

/** Addresses that events name though no client has them. */
export function strangers(events: readonly FleetEvent[], clients: readonly string[]): string[] {
  return events.flatMap((event) => (event['source.ip'] ?? clients[0]) as string).filter((ip) => !clients.includes(ip));
}

/** What every event of a logon says that is not as it should be: its evidence, and its host. */
export function evidences(events: readonly FleetEvent[]): string[] {
  const told = events.filter((event) => event['source.ip'] !== undefined && event['event.outcome'] !== undefined);
  return [...new Set(told.map((event) => event['fleetwall.evidence']))];
}
