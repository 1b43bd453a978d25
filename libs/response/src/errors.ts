import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const RESPONSE_ERRORS = {
  POLICY_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See docs/policies.md for the fields of a policy; `fleetwall rules check` checks all files.',
  },
  BLOCK_REFUSED: {
    retryable: false,
    message: '{target} is not blocked: {reason}.',
    hint: 'Addresses that must stay reachable are never blocked; narrow the target or change the allowlist.',
  },
  DURATION_INVALID: {
    retryable: false,
    message: '"{value}" is not a duration from 1 second to 365 days.',
    hint: 'Write a number and a unit: 30m, 2h, 7d.',
  },
} as const satisfies ErrorTable;

export const responseError = errorsOf(RESPONSE_ERRORS);
