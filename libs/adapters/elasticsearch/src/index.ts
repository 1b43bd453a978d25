export type { BulkStats, BulkWriterOptions } from './bulk-writer.js';
export type { ElasticsearchConnectionOptions } from './connection.js';
export {
  createElasticsearchDecisionStore,
  type ElasticsearchDecisionStoreOptions,
} from './decision-store/elasticsearch-decision-store.js';
export { ELASTICSEARCH_ERRORS } from './errors.js';
export {
  createElasticsearchEventStore,
  type ElasticsearchEventStore,
  type ElasticsearchEventStoreOptions,
} from './event-store/elasticsearch-event-store.js';
export type { EventLayoutOptions } from './event-store/layout.js';
export type { QuotaOptions } from './event-store/quota.js';
export { type CachedRegistryOptions, createCachedRegistry } from './registry/cached-registry.js';
export { createElasticsearchRegistry, type ElasticsearchRegistryOptions } from './registry/elasticsearch-registry.js';
