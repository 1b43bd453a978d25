export * from './armed-marker.js';
export * from './desired-blocks.js';
export * from './enforcer.js';
export * from './host-facts.js';
