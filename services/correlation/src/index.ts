export * from './correlation.module.js';
export * from './pipeline.js';
export * from './snapshot-store.js';
