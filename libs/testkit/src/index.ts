export * from './bus-conformance.js';
export * from './memory-bus.js';
export * from './firewall-conformance.js';
export * from './event-store-conformance.js';
export * from './memory-event-store.js';
export * from './memory-registry.js';
