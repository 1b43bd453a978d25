import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const CONFIG_ERRORS = {
  CONFIG_INVALID: {
    retryable: false,
    message: '{reason}',
    hint: 'See docs/configuration.md for every option; `fleetwall doctor` shows what is in force.',
  },
  SECRET_UNREADABLE: {
    retryable: false,
    message: '{option} names {path}, which cannot be read: {reason}.',
    hint: 'Write the secret into that file, readable for the user who runs the service and nobody else.',
  },
  NAME_KEY_INVALID: {
    retryable: false,
    message: '{path} holds no key for names: it is not 64 hexadecimal digits.',
    hint: 'Write one with `openssl rand -hex 32`, the same for all gateways; see docs/privacy.md.',
  },
  RULES_UNREADABLE: {
    retryable: false,
    message: 'Rules or policies cannot be read from {path}: {reason}.',
    hint: 'Name a directory with .yml files that this user may read.',
  },
  SECRET_INVALID: {
    retryable: false,
    message: '`{option}` does not hold {expected}.',
    hint: 'Correct the option or the file that it names; what is in it is not shown.',
  },
  SOURCES_UNREADABLE: {
    retryable: false,
    message: 'The log sources in {path} cannot be read: {reason}.',
    hint: 'Correct `sources` in the configuration: a directory of YAML files as docs/sources.md describes them.',
  },
  PROXIES_INVALID: {
    retryable: false,
    message: 'Known proxies cannot be read from {place}: {reason}.',
    hint: 'See proxies/README.md; collector.trustedProxies takes networks (10.0.0.0/8) and names of lists.',
  },
} as const satisfies ErrorTable;

export const configError = errorsOf(CONFIG_ERRORS);
