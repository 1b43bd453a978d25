export * from './allowlist.js';
export * from './pipeline.js';
export * from './response.module.js';
