export * from './adapters.js';
export * from './control-socket.js';
export { SERVICE_ERRORS, serviceError } from './errors.js';
export { installationSeed } from './installation.js';
export { ConsumerWatch } from './observe/consumer-watch.js';
export type { Observed } from './observe/observed.js';
export { patiently } from './patiently.js';
export * from './run-service.js';
