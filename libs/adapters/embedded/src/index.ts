export * from './bus/index.js';
export * from './segment-log/index.js';
export * from './yaml-files.js';
