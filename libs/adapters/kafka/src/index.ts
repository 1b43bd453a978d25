export type { KafkaConnection } from './client.js';
export { KAFKA_ERRORS } from './errors.js';
export { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';
