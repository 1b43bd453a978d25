export { createEmbeddedBus, type EmbeddedBusOptions } from './embedded-bus.js';
export { EMBEDDED_BUS_ERRORS } from './errors.js';
