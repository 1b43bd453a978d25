import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const PROCESS_ERRORS = {
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
} as const satisfies ErrorTable;

export const processError = errorsOf(PROCESS_ERRORS);
