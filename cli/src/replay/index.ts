export * from './alert-ledger.js';
export * from './block-ledger.js';
export * from './engine.js';
export * from './log-file.js';
export * from './open-files.js';
export type { ReplayFile } from './replay-file.js';
export * from './report.js';
