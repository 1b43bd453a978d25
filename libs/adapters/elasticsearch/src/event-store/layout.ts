import type { estypes } from '@elastic/elasticsearch';
import { EVENT_KINDS, type EventKind, eventKindOf, type FleetEvent } from '@fleetwall/core';
import type { Connection } from '../connection.js';
import { BYTES_FIELD, FIELDS, type FieldType, MAX_TERM_LENGTH, OTHER_FIELDS, SEARCH } from './fields.js';

export interface EventLayoutOptions {
  /** Primary shards of each day; 1 when absent. More cannot be had for a day that exists. */
  shards?: number;
  /** Copies of each shard; when absent 1 where there are two nodes or more, else 0. */
  replicas?: number;
  /** How long a stored event may stay unseen by searches; 5,000 when absent. */
  refreshIntervalMs?: number;
}

const DAY_MS = 86_400_000;
type Property = estypes.MappingProperty;
type ObjectProperty = { properties: Record<string, Property> };

const PROPERTY: Record<FieldType, Property> = {
  keyword: { type: 'keyword', ignore_above: MAX_TERM_LENGTH },
  // As an address for networks; as text for everything else, so that what is no address is found too.
  ip: { type: 'ip', ignore_malformed: true, fields: { text: { type: 'keyword', ignore_above: MAX_TERM_LENGTH } } },
  long: { type: 'long' },
  date: { type: 'date' },
  boolean: { type: 'boolean' },
};

/** Found, but never sorted or counted by. */
const INDEX_ONLY: Property = { type: 'keyword', doc_values: false, ignore_above: MAX_TERM_LENGTH };

/** Nothing is mapped by what an event holds: `dynamic` is off. */
export function mappings(): estypes.MappingTypeMapping {
  const flat: [string, Property][] = [...FIELDS].map(([name, type]) => [name, PROPERTY[type]]);
  flat.push(['event.original', INDEX_ONLY], [BYTES_FIELD, { type: 'long' }]);
  flat.push([OTHER_FIELDS, { type: 'object', enabled: false }]);
  flat.push([SEARCH.words, INDEX_ONLY], [SEARCH.numbers, INDEX_ONLY], [SEARCH.addresses, INDEX_ONLY]);
  flat.push([SEARCH.values, PROPERTY.keyword]);
  return { dynamic: false, _source: { excludes: ['fleetwall.search.*'] }, properties: nested(flat) };
}

function nested(flat: [string, Property][]): Record<string, Property> {
  const properties: Record<string, Property> = {};
  for (const [name, property] of flat) {
    const parts = name.split('.');
    const leaf = parts.pop() as string;
    let level = properties;
    for (const part of parts) {
      const object = (level[part] as ObjectProperty | undefined) ?? { properties: {} };
      level[part] = object;
      level = object.properties;
    }
    level[leaf] = property;
  }
  return properties;
}

function settings({ shards, replicas, refreshIntervalMs }: EventLayoutOptions): estypes.IndicesIndexSettings {
  return {
    number_of_shards: shards ?? 1,
    ...(replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas }),
    refresh_interval: `${refreshIntervalMs ?? 5_000}ms`,
    codec: 'best_compression',
    // A page of 10,000 asks for one more, to know whether there is another.
    max_result_window: 10_001,
    max_regex_length: 4_096,
  };
}

/** Creates or renews the templates that indices of new days are made by. Idempotent. */
export async function putTemplates(connection: Connection, options: EventLayoutOptions): Promise<void> {
  const { prefix } = connection;
  const [fields, index] = [`${prefix}-event-fields`, `${prefix}-event-settings`];
  await connection.run('put its templates', async (client) => {
    await client.cluster.putComponentTemplate({ name: fields, template: { mappings: mappings() } });
    await client.cluster.putComponentTemplate({ name: index, template: { settings: { index: settings(options) } } });
    await client.indices.putIndexTemplate({
      name: `${prefix}-events`,
      index_patterns: eventIndices(prefix),
      composed_of: [fields, index],
      priority: 200,
    });
  });
}

/** Patterns of the indices of all days. */
export function eventIndices(prefix: string): string[] {
  return EVENT_KINDS.map((kind) => `${prefix}-${kind}-*`);
}

/** `fleetwall-security-2026.11.22`: by the event's own day, so that a resend meets the first copy. */
export function indexOf(prefix: string, event: FleetEvent): string {
  return indexName(prefix, eventKindOf(event), dayOf(event['@timestamp']));
}

export function indexName(prefix: string, kind: EventKind, day: string): string {
  return `${prefix}-${kind}-${day.replaceAll('-', '.')}`;
}

/** `2026-11-22`, UTC. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The day of an index of events, and when it ends; undefined for other names. */
export function dayOfIndex(name: string): { day: string; endMs: number } | undefined {
  const [, year, month, date] = /-(\d{4})\.(\d\d)\.(\d\d)$/.exec(name) ?? [];
  if (!year) return undefined;
  const day = `${year}-${month}-${date}`;
  const endMs = Date.parse(day) + DAY_MS;
  return Number.isNaN(endMs) ? undefined : { day, endMs };
}
