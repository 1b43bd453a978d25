import { type ErrorTable, errorsOf, FleetwallError } from '@fleetwall/core';

export const KAFKA_ERRORS = {
  KAFKA_UNREACHABLE: {
    retryable: true,
    message: 'No Kafka broker answers at {brokers}: {reason}.',
    hint: 'Check that the brokers run, that `brokers` names their listener, and that no firewall is between.',
  },
  KAFKA_DENIED: {
    retryable: false,
    message: 'Kafka refuses to {operation}: {reason}.',
    hint: 'Check the SASL user and password, and its ACLs (README of the Kafka adapter).',
  },
  KAFKA_FAILED: {
    retryable: true,
    message: 'Kafka could not {operation}: {reason}.',
    hint: 'See the log of the brokers at this time; the call may succeed when it is made again.',
  },
  KAFKA_RECORD_TOO_LARGE: {
    retryable: false,
    message: 'A record of {bytes} bytes for topic {topic} is larger than the {limit} that Kafka takes.',
    hint: 'Split it or leave it out; brokers refuse batches over their max.message.bytes.',
  },
  KAFKA_CONSUMER_STALLED: {
    retryable: true,
    message:
      'Group {group} made no progress for {seconds} s although there is something to do; its consumer is restarted.',
    hint: 'Nothing is lost. If it happens again and again, look at the load of this process and at the brokers.',
  },
} as const satisfies ErrorTable;

export const kafkaError = errorsOf(KAFKA_ERRORS);

/** What an error of kafkajs says of itself; its classes do not survive module boundaries, names and types do. */
export interface KafkaJsError {
  name?: string;
  type?: string;
  code?: string | number;
  message?: string;
  cause?: unknown;
  /** Of an aggregate: one of each topic that could not be created. */
  errors?: KafkaJsError[];
  retriable?: boolean;
}

/** Turns what kafkajs threw while it was to `operation` into an error of this package; others pass unchanged. */
export function explained(error: unknown, operation: string, brokers: readonly string[]): unknown {
  if (error instanceof FleetwallError) return error;
  if (!(error instanceof Error && error.name.startsWith('KafkaJS'))) return error;
  const root = rootOf(error);
  const reason = root.message ?? String(error);
  if (/Connection|NoBroker|SeedBrokers/.test(root.name ?? '') || root.code === 'ECONNREFUSED') {
    return kafkaError('KAFKA_UNREACHABLE', { brokers: brokers.join(', '), reason }, { cause: error });
  }
  const denied = /SASL|AUTHORIZATION/i.test(`${root.name} ${root.type}`);
  return kafkaError(denied ? 'KAFKA_DENIED' : 'KAFKA_FAILED', { operation, reason }, { cause: error });
}

/** The innermost cause: kafkajs wraps what happened in "number of retries exceeded", or gathers it. */
export function rootOf(error: unknown): KafkaJsError {
  let root = error as KafkaJsError;
  for (let inner: unknown = root; inner instanceof Error; inner = root.cause ?? root.errors?.[0]) {
    root = inner as KafkaJsError;
  }
  return root ?? {};
}

/** The answer that only asks to join the group again. */
export function isRebalance(error: unknown): boolean {
  const { type } = rootOf(error);
  return type === 'REBALANCE_IN_PROGRESS' || type === 'NOT_COORDINATOR_FOR_GROUP';
}
