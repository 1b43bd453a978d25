import type { TopicSpec } from './bus.js';
import type { FleetEvent } from './event.js';

const DAY_MS = 86_400_000;
const AUDIT_DAYS = 365;

/** Names of all topics; the one declaration of partitions, retention and compaction is {@link topicSpecs}. */
export const TOPICS = {
  securityEvents: 'fleetwall.events.security',
  firewallEvents: 'fleetwall.events.firewall',
  antivirusEvents: 'fleetwall.events.antivirus',
  observations: 'fleetwall.observations',
  windows: 'fleetwall.windows',
  alerts: 'fleetwall.alerts',
  requests: 'fleetwall.requests',
  blocks: 'fleetwall.blocks',
  enforcement: 'fleetwall.enforcement',
  audit: 'fleetwall.audit',
  deadLetter: 'fleetwall.dead-letter',
} as const;

/** The kinds of events: each has a topic, and in Elasticsearch an index a day. */
export const EVENT_KINDS = ['security', 'firewall', 'antivirus'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const TOPIC_OF_KIND = {
  security: TOPICS.securityEvents,
  firewall: TOPICS.firewallEvents,
  antivirus: TOPICS.antivirusEvents,
} as const;

/** The topics of all events, whatever their kind. */
export const EVENT_TOPICS: readonly string[] = EVENT_KINDS.map((kind) => TOPIC_OF_KIND[kind]);

/** By `event.category`: `malware` is antivirus, `network` firewall, the rest security. */
export function eventKindOf(event: FleetEvent): EventKind {
  const categories = event['event.category'];
  if (!Array.isArray(categories)) return 'security';
  if (categories.includes('malware')) return 'antivirus';
  return categories.includes('network') && !categories.includes('authentication') ? 'firewall' : 'security';
}

export function eventTopicOf(event: FleetEvent): string {
  return TOPIC_OF_KIND[eventKindOf(event)];
}

/** Where a shipper that the operator trusts writes its own records, and nobody else does. */
export function ingestTopicOf(principal: string): string {
  return `fleetwall.ingest.${principal}`;
}

/** @param principals whose ingest topics are to exist */
export function ingestSpecs(principals: readonly string[], partitions: number): TopicSpec[] {
  return principals.map((principal) => ({ name: ingestTopicOf(principal), partitions, retentionMs: 7 * DAY_MS }));
}

/**
 * All topics but those whose retention follows from the rules.
 *
 * @param partitions for the topics that scale out (1 standalone)
 * @param retention how long the audit log is kept; a year when absent
 */
export function topicSpecs(partitions: number, { auditDays = AUDIT_DAYS } = {}): TopicSpec[] {
  return [
    ...EVENT_TOPICS.map((name) => ({ name, partitions, retentionMs: 7 * DAY_MS })),
    { name: TOPICS.alerts, partitions: 1, retentionMs: 90 * DAY_MS, derived: true },
    { name: TOPICS.requests, partitions: 1, retentionMs: 90 * DAY_MS },
    { name: TOPICS.blocks, partitions: 1, compacted: true, derived: true },
    { name: TOPICS.enforcement, partitions: 1, compacted: true, derived: true },
    { name: TOPICS.audit, partitions: 1, retentionMs: auditDays * DAY_MS },
    { name: TOPICS.deadLetter, partitions: 1, retentionMs: 30 * DAY_MS },
  ];
}

/**
 * What correlation keeps: observations for as long as any rule may need them again, and snapshots of the windows.
 *
 * @param horizonMs of the rule that reaches furthest: its window plus its lateness
 */
export function countingSpecs(partitions: number, horizonMs: number): TopicSpec[] {
  return [
    { name: TOPICS.observations, partitions, retentionMs: horizonMs + DAY_MS, isRetentionNeeded: true, derived: true },
    { name: TOPICS.windows, partitions, compacted: true, derived: true },
  ];
}
