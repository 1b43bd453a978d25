import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const CORRELATION_SERVICE_ERRORS = {
  RULE_REACHES_TOO_FAR: {
    retryable: false,
    message:
      'The rule {rule} reaches back {reachHours} hours, further than {topic} keeps observations: {keptHours} hours, of which one day is in reserve.',
    hint: 'Set retention.ms of {topic} to {neededMs} at the broker, or shorten the timespan of the rule; then save the rule once more.',
  },
} as const satisfies ErrorTable;

export const correlationServiceError = errorsOf(CORRELATION_SERVICE_ERRORS);
