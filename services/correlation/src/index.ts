export * from './correlation.module.js';
export { CORRELATION_SERVICE_ERRORS } from './errors.js';
export { declareCounting, horizonMsOf } from './horizon.js';
export { correlationNumbers } from './numbers.js';
export type { PartitionStats } from './partition-counter.js';
export * from './pipeline.js';
export { FileSnapshotStore, type SnapshotOffer, type SnapshotStore } from './snapshot-store.js';
export { TopicSnapshotStore, type TopicSnapshotStoreOptions } from './topic-snapshot-store.js';
