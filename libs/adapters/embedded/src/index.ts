export * from './bus/index.js';
export * from './segment-log/index.js';
export * from './yaml-files.js';
export { createDuckDbEventStore, type DuckDbEventStoreOptions } from './event-store/duckdb-event-store.js';
export { EVENT_STORE_ERRORS } from './event-store/errors.js';
