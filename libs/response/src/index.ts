export * from './block-book.js';
export * from './breaker.js';
export * from './decider.js';
export * from './duration.js';
export * from './errors.js';
export * from './load-policies.js';
export * from './policy.js';
export * from './rails.js';
