import type { TopicSpec } from './bus.js';

const DAY_MS = 86_400_000;

/** Names of all topics; the one declaration of partitions, retention and compaction is {@link topicSpecs}. */
export const TOPICS = {
  securityEvents: 'fleetwall.events.security',
  observations: 'fleetwall.observations',
  alerts: 'fleetwall.alerts',
  requests: 'fleetwall.requests',
  blocks: 'fleetwall.blocks',
  enforcement: 'fleetwall.enforcement',
  audit: 'fleetwall.audit',
  deadLetter: 'fleetwall.dead-letter',
} as const;

/**
 * @param partitions for the topics that scale out (1 standalone)
 * @param observationRetentionMs the longest window, plus its lateness, plus a day
 */
export function topicSpecs(partitions: number, observationRetentionMs: number): TopicSpec[] {
  return [
    { name: TOPICS.securityEvents, partitions, retentionMs: 7 * DAY_MS },
    { name: TOPICS.observations, partitions, retentionMs: observationRetentionMs, derived: true },
    { name: TOPICS.alerts, partitions: 1, retentionMs: 90 * DAY_MS, derived: true },
    { name: TOPICS.requests, partitions: 1, retentionMs: 90 * DAY_MS },
    { name: TOPICS.blocks, partitions: 1, compacted: true, derived: true },
    { name: TOPICS.enforcement, partitions: 1, compacted: true, derived: true },
    { name: TOPICS.audit, partitions: 1, retentionMs: 365 * DAY_MS },
    { name: TOPICS.deadLetter, partitions: 1, retentionMs: 30 * DAY_MS },
  ];
}
