export * from './bus-conformance.js';
export * from './memory-bus.js';
export * from './firewall-conformance.js';
