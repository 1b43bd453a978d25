export * from './discover.js';
export * from './errors.js';
export * from './file-tail/file-tail.js';
export * from './input.js';
export * from './journald/journald.js';
export * from './stdin/stdin.js';
