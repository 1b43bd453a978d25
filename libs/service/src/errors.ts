import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const SERVICE_ERRORS = {
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
  REQUEST_UNANSWERED: {
    retryable: true,
    message: 'The request was stored, but not answered within {seconds} seconds.',
    hint: 'It is carried out when the response service works again; look with `./fleetwall status`.',
  },
  INTERNAL: {
    retryable: false,
    message: '{reason}',
    hint: 'See the log of the service.',
  },
} as const satisfies ErrorTable;

export const serviceError = errorsOf(SERVICE_ERRORS);
