import { LineReader } from '@fleetwall/collector';
import type { AlertChange, Contributor, FleetEvent } from '@fleetwall/core';
import { corpusLine, generateCorpus } from '@fleetwall/testkit';

/** A corpus as the gateway publishes it: in order of time, and taken in at the event's own time. */
export function corpusEvents(seed: number, scale: number): FleetEvent[] {
  const readers = new Map<string, LineReader>();
  return generateCorpus({ seed, scale }).lines.flatMap((line, i) => {
    const host = line.rest.slice(0, line.rest.indexOf(' '));
    let reader = readers.get(host);
    if (!reader) {
      reader = new LineReader({
        agentId: `agent-${host}`,
        seed: [1, 2, 3],
        host,
        zone: 'UTC',
        clock: () => line.timeMs,
      });
      readers.set(host, reader);
    }
    const text = corpusLine(line, 'iso');
    const at = { id: `line-${i}`, stream: 'auth.log', history: false, readMs: 0 };
    const event = reader.read({ text, truncated: false, ...at });
    return event ? [{ ...event, 'event.ingested': event['@timestamp'], 'organization.id': 'default' }] : [];
  });
}

/** An alert as readers hold it, but for what depends on how often it was told of. */
export interface FoldedAlert {
  rule: string;
  key: Record<string, string>;
  state: string;
  knownGood: boolean;
  count: number;
  contributors: Record<string, number>;
}

/** What readers make of the changes: lower and equal versions are ignored. By id, in order of it. */
export function foldChanges(changes: readonly AlertChange[]): Record<string, FoldedAlert> {
  const last = new Map<string, AlertChange>();
  const contributors = new Map<string, Map<string, Contributor>>();
  for (const change of changes) {
    if (change.version <= (last.get(change.id)?.version ?? 0)) continue;
    last.set(change.id, change);
    const own = contributors.get(change.id) ?? new Map<string, Contributor>();
    for (const contributor of change.contributors) own.set(contributor.value, contributor);
    for (const value of change.cleared) own.delete(value);
    contributors.set(change.id, own);
  }
  const folded = [...last]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { rule, key, state, knownGood, count }]) => {
      const own = [...(contributors.get(id) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      const counts = Object.fromEntries(own.map(([value, contributor]) => [value, contributor.count]));
      return [id, { rule, key, state, knownGood, count, contributors: counts }] as const;
    });
  return Object.fromEntries(folded);
}
