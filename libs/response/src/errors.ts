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
  NOT_BLOCKED: {
    retryable: false,
    message: '{target} is not blocked: {reason}.',
    hint: 'See all blocks with `./fleetwall blocks`.',
  },
  DENYLISTED: {
    retryable: false,
    message: '{target} is on the denylist ({reason}), so its block is not lifted.',
    hint: 'Take it off the list, which lifts it: `fleetwall deny {target} --remove`, or Lists in the console.',
  },
  ALLOW_REFUSED: {
    retryable: false,
    message: '{target} is not put on the allowlist: it is wider than a /{widest}, and would shelter nearly everybody.',
    hint: 'Allow the addresses and networks that must stay reachable, none wider than /8 (IPv4) or /16 (IPv6).',
  },
  DURATION_INVALID: {
    retryable: false,
    message: '"{value}" is not a duration from 1 second to 365 days.',
    hint: 'Write a number and a unit: 30m, 2h, 7d.',
  },
} as const satisfies ErrorTable;

export const responseError = errorsOf(RESPONSE_ERRORS);
