import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const EMBEDDED_BUS_ERRORS = {
  BUS_TOPIC_NAME_INVALID: {
    retryable: false,
    message: '"{topic}" cannot be the name of a topic.',
    hint: 'Use 1 to 200 letters, digits, dots, underscores and hyphens, as Kafka does, and begin with a letter or digit.',
  },
  BUS_TOPIC_DAMAGED: {
    retryable: false,
    message: 'topic.json of topic {topic} cannot be read.',
    hint: 'Restore the file, or write it anew: {"name":…,"partitions":…,"retentionMs":…,"compacted":…}.',
  },
} as const satisfies ErrorTable;

export const embeddedBusError = errorsOf(EMBEDDED_BUS_ERRORS);
