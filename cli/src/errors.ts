import { type ErrorTable, errorsOf, FleetwallError } from '@fleetwall/core';

/** How a command ends. Shown by `fleetwall help`. */
export const EXIT = {
  ok: 0,
  /** It failed, was refused, or found what it was to look for mistakes in wanting. */
  failed: 1,
  /** The command line itself is wrong. */
  wrongUse: 2,
  /** No service answers. */
  noService: 3,
  /** Ctrl-C (128 and the number of SIGINT). */
  interrupted: 130,
} as const;

export const CLI_ERRORS = {
  WRONG_USE: {
    retryable: false,
    message: '{reason}',
    hint: 'See `fleetwall {about}`.',
  },
  OPTION_INVALID: {
    retryable: false,
    message: '{option} is "{value}"; expected {expected}.',
    hint: '{instead}',
  },
  SERVICE_NOT_RUNNING: {
    retryable: true,
    message: 'No Fleetwall service runs with {home}.',
    hint: 'Start one with `npm start` or `./fleetwall standalone`, or set FLEETWALL_HOME to the directory of the one that runs.',
  },
  SERVICE_SILENT: {
    retryable: true,
    message: 'The service of {home} did not answer within {seconds} seconds.',
    hint: 'Look at its log, or start it again; `./fleetwall disarm` lifts all blocks even so.',
  },
  SERVICE_FORBIDDEN: {
    retryable: false,
    message: 'You may not speak to the service of {home}.',
    hint: 'Run the command as the user who runs the service (sudo).',
  },
  SERVICE_STRANGE: {
    retryable: false,
    message: 'The service of {home} gave an answer that makes no sense: {reason}.',
    hint: 'Service and command line may be of different versions: start the service again.',
  },
  NOT_INSTALLED_WHOLE: {
    retryable: false,
    message: '{path} is missing.',
    hint: 'Build it with `npm run build`.',
  },
  PATH_UNREADABLE: {
    retryable: false,
    message: 'Cannot read {path}: {reason}.',
    hint: '{instead}',
  },
  TOO_MANY_FILES: {
    retryable: false,
    message: '{count} files at once; expected at most {limit}.',
    hint: 'Join them into fewer files, or replay them in several runs.',
  },
  NO_PERMISSION: {
    retryable: false,
    message: 'Cannot {action}: {reason}.',
    hint: 'Run the command as root (sudo).',
  },
} as const satisfies ErrorTable;

export const cliError = errorsOf(CLI_ERRORS);

const EXIT_OF: Record<string, number> = {
  WRONG_USE: EXIT.wrongUse,
  OPTION_INVALID: EXIT.wrongUse,
  TOO_MANY_FILES: EXIT.wrongUse,
  ADDRESS_INVALID: EXIT.wrongUse,
  DURATION_INVALID: EXIT.wrongUse,
  SERVICE_NOT_RUNNING: EXIT.noService,
  SERVICE_SILENT: EXIT.noService,
};

export function exitOf(error: unknown): number {
  return error instanceof FleetwallError ? (EXIT_OF[error.code] ?? EXIT.failed) : EXIT.failed;
}
