export * from './bus/index.js';
export { DECISION_STORE_ERRORS } from './decision-store/errors.js';
export { createLmdbDecisionStore, type LmdbDecisionStoreOptions } from './decision-store/lmdb-decision-store.js';
export { createDuckDbEventStore, type DuckDbEventStoreOptions } from './event-store/duckdb-event-store.js';
export { EVENT_STORE_ERRORS } from './event-store/errors.js';
export { REGISTRY_ERRORS } from './registry/errors.js';
export { createLmdbRegistry, type LmdbRegistryOptions } from './registry/lmdb-registry.js';
export * from './segment-log/index.js';
