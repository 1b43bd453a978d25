export * from './enforcement/index.js';
export * from './firewalls/index.js';
export * from './inputs/input.js';
export * from './line-reader.js';
export * from './pipeline.js';
export * from './spool.js';
