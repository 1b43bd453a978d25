import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** Why events do not get into Kafka, where it is not the brokers' own trouble. */
export const KAFKA_UPLINK_ERRORS = {
  INGEST_TOPIC_MISSING: {
    retryable: true,
    message: 'The topic {topic} does not exist, or this collector may not see it.',
    hint: 'Name the principal under `gateway.ingest` of the gateways, which make the topic at their start, and give it the right to write there (docs/specs/ingest.md).',
  },
  INGEST_TOPIC_DENIED: {
    retryable: true,
    message: 'Kafka does not let this collector write to {topic}: {reason}',
    hint: 'Give its user the operations Write, Describe and DescribeConfigs on that topic, and on no other (docs/specs/ingest.md).',
  },
  INGEST_EVENT_TOO_LARGE: {
    retryable: false,
    message: 'An event of {bytes} bytes was left out: Kafka takes at most {limit}.',
    hint: 'Lower `collector.maxLineBytes`, so that such lines are cut.',
  },
} as const satisfies ErrorTable;

export const kafkaUplinkError = errorsOf(KAFKA_UPLINK_ERRORS);
