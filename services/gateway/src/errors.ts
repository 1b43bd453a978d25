import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const GATEWAY_ERRORS = {
  CREDENTIALS_INVALID: {
    retryable: false,
    message: 'The credentials in {path} are wrong: {reason}.',
    hint: 'Correct the file; until then the credentials before the change hold.',
  },
  CREDENTIALS_UNREADABLE: {
    retryable: true,
    message: 'Cannot read the credentials in {path}: {reason}.',
    hint: 'Make one with `fleetwall credential`; the file is looked for again every few seconds.',
  },
  CERTIFICATE_UNUSABLE: {
    retryable: false,
    message: 'The certificate in {path} cannot be used: {reason}.',
    hint: 'Give the certificate with its chain and its key as PEM; until then the one before the change is served.',
  },
} as const satisfies ErrorTable;

export const gatewayError = errorsOf(GATEWAY_ERRORS);
