import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const SERVICE_ERRORS = {
  ALREADY_RUNNING: {
    retryable: false,
    message: 'Fleetwall is already running with {home}.',
    hint: 'Look at it with `./fleetwall status`, or set FLEETWALL_HOME to another directory.',
  },
  HOME_UNUSABLE: {
    retryable: true,
    message: 'Fleetwall cannot start with its data in {home}: {reason}.',
    hint: 'Free space, or give this user the right to write there, or set FLEETWALL_HOME to another directory.',
  },
  PORT_TAKEN: {
    retryable: false,
    message: 'Port {port} on {host} is taken.',
    hint: 'Set FLEETWALL_HTTP_PORT to a free port.',
  },
  CLUSTER_INCOMPLETE: {
    retryable: false,
    message: 'The {service} service by itself needs `{section}` in its configuration.',
    hint: 'Add it to fleetwall.yml (docs/configuration.md), or run everything in one process: `./fleetwall standalone`.',
  },
  HTTP: {
    retryable: false,
    message: '{reason}',
    hint: 'The address, the method or the form of the request is not one that the service knows.',
  },
  INTERNAL: {
    retryable: false,
    message: '{reason}',
    hint: 'See the log of the service.',
  },
} as const satisfies ErrorTable;

export const serviceError = errorsOf(SERVICE_ERRORS);
