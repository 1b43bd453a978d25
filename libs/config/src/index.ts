export type { IngestSource } from './cluster-schema.js';
export { type LoadedConfig, loadConfig } from './config.js';
export * from './config-schema.js';
export * from './detections.js';
export { CONFIG_ERRORS } from './errors.js';
export * from './home.js';
export { kafkaConnectionOf } from './kafka-connection.js';
export * from './secrets.js';
export * from './yaml-files.js';
