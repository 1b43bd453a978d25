export * from './engine.js';
export * from './log-file.js';
export * from './report.js';
