export * from './indexer.module.js';
export * from './pipeline.js';
