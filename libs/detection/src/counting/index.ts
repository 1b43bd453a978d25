export { MAX_TOLD_BYTES, toldBytesOf } from './alert-book.js';
export * from './counter.js';
export * from './observation.js';
export * from './observation-codec.js';
export * from './observer.js';
export * from './plan.js';
export type { Forgiveness } from './story.js';
