import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const COLLECTOR_ERRORS = {
  UPLINK_MISSING: {
    retryable: false,
    message: 'A collector by itself needs `collector.uplink` in its configuration.',
    hint: 'Say where the gateway is (docs/cluster.md), or run everything in one process: `./fleetwall standalone`.',
  },
  UPLINK_TOKEN_MISSING: {
    retryable: false,
    message: '`collector.uplink` has no token.',
    hint: 'Make one with `./fleetwall credential` where the gateway runs, and name its file in `tokenFile`.',
  },
  BROKERS_MISSING: {
    retryable: false,
    message: '`collector.uplink.events` is kafka, but the configuration has no `kafka` section.',
    hint: 'Name the brokers under `kafka`, or send events by the gateway (docs/specs/ingest.md).',
  },
  PRINCIPAL_MISSING: {
    retryable: false,
    message: '`collector.uplink.events` is kafka, but neither `principal` nor `kafka.sasl.username` says which topic.',
    hint: 'Name the Kafka user of this collector; docs/specs/ingest.md tells what it may write.',
  },
  UNKNOWN_REQUEST: {
    retryable: false,
    message: 'A collector does not answer {name}.',
    hint: 'Blocks and the allowlist are at the centre: run the command where the response service runs.',
  },
  REQUEST_TOO_LARGE: {
    retryable: false,
    message: 'The request is too large.',
    hint: 'See `./fleetwall help` for what each command takes.',
  },
  REQUEST_NOT_JSON: {
    retryable: false,
    message: 'The request is not JSON.',
    hint: 'Service and command line may be of different versions: start the service again.',
  },
  NOT_READY: {
    retryable: true,
    message: '{reason}',
    hint: 'See `./fleetwall status` and `./fleetwall doctor` on this host.',
  },
  FAILED: {
    retryable: false,
    message: '{reason}',
    hint: 'See the log of the collector.',
  },
} as const satisfies ErrorTable;

export const collectorError = errorsOf(COLLECTOR_ERRORS);
