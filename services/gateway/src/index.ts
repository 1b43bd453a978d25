export * from './gateway.module.js';
export * from './pipeline.js';
