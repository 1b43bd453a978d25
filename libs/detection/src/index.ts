export * from './counting/index.js';
export * from './errors.js';
export * from './sessions/index.js';
export * from './sigma/index.js';
export * from './windows/index.js';
