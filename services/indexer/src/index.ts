export * from './indexer.module.js';
export * from './pipeline.js';
export * from './retention.js';
