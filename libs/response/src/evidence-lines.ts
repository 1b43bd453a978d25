import type { Evidence, FleetEvent, Query } from '@fleetwall/core';

/** What the event store has of these pieces of evidence; `evidence` is not empty. */
export function evidenceQuery(evidence: readonly Evidence[]): Query {
  return {
    type: 'or',
    of: evidence.map(({ attemptId }): Query => ({ type: 'term', field: idFieldOf(attemptId), value: attemptId })),
  };
}

/** Whether an event is one of the lines of a piece of evidence. */
export function isLineOf(event: FleetEvent, { attemptId }: Evidence): boolean {
  return event[idFieldOf(attemptId)] === attemptId;
}

/** Events of an address or a network. */
export function sourceQuery(target: string): Query {
  return { type: 'cidr', field: 'source.ip', network: withPrefix(target) };
}

/** What is no attempt is known by the event's own id. */
function idFieldOf(id: string): string {
  return /^[0-9a-f]{12}$/.test(id) ? 'fleetwall.attempt.id' : 'event.id';
}

function withPrefix(target: string): string {
  if (target.includes('/')) return target;
  return target.includes(':') ? `${target}/128` : `${target}/32`;
}
