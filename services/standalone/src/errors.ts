import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const STANDALONE_ERRORS = {
  CONFIG_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See docs/configuration.md for every option; `fleetwall doctor` shows what is in force.',
  },
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
    message: 'Port {port} on 127.0.0.1 is taken.',
    hint: 'Set FLEETWALL_HTTP_PORT to a free port.',
  },
  RULES_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'Check all rules and policies with `./fleetwall rules check`.',
  },
  REQUEST_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See `./fleetwall help` for what each command takes.',
  },
  REQUEST_UNANSWERED: {
    retryable: true,
    message: 'The request was stored, but not answered within {seconds} seconds.',
    hint: 'It is carried out when the response service works again; look with `./fleetwall status`.',
  },
  NOT_ALLOWED: {
    retryable: false,
    message: '{target} is not on the allowlist.',
    hint: 'See the list with `./fleetwall allow`.',
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

export const standaloneError = errorsOf(STANDALONE_ERRORS);
