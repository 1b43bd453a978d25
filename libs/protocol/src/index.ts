export * from './messages.js';
export * from './uplink.js';
