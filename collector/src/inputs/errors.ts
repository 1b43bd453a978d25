import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** What can be wrong with a log that should be read. All are told as problems; reading goes on by itself when they end. */
export const INPUT_ERRORS = {
  FILE_UNREADABLE: {
    retryable: true,
    message: '{path} cannot be read: {reason}.',
    hint: 'Let the collector read it: run it as root, or add its user to the group that owns the file (`adm` on Debian and Ubuntu).',
  },
  FILE_NOT_REGULAR: {
    retryable: true,
    message: '{path} is a {what}, not a file.',
    hint: 'Remove the path from the configuration, or put the log file back.',
  },
  FILE_REST_LOST: {
    retryable: false,
    message: '{path} was rotated or deleted, and what it became was not found: lines at its end may be missing.',
    hint: 'Keep at least one rotated file in the same directory, and rotate less often than the collector restarts.',
  },
  FILE_COMPRESSED_DAMAGED: {
    retryable: true,
    message: '{path} cannot be decompressed: {reason}.',
    hint: 'Lines between the last read one and the end of this file may be missing; check the disk.',
  },
  TOO_MANY_OPEN_FILES: {
    retryable: true,
    message: 'The process may not open more files; {open} logs are held open at once.',
    hint: 'Raise the limit (`LimitNOFILE=` in the systemd unit, `ulimit -n` in a shell).',
  },
  WATCH_UNAVAILABLE: {
    retryable: true,
    message: '{path} cannot be watched: {reason}; it is looked at once a second instead.',
    hint: 'Raise `fs.inotify.max_user_watches` and `fs.inotify.max_user_instances` with sysctl.',
  },
  JOURNALCTL_MISSING: {
    retryable: true,
    message: '{path} was not found.',
    hint: 'Install systemd, or read the log files instead.',
  },
  JOURNAL_UNREADABLE: {
    retryable: true,
    message: 'The journal cannot be read: {reason}.',
    hint: 'Run the collector as root, or add its user to the group `systemd-journal` (or `adm`).',
  },
  JOURNAL_ENDED: {
    retryable: true,
    message: 'journalctl ended ({reason}); it is started again.',
    hint: 'If this goes on, run `journalctl --verify`.',
  },
  JOURNAL_CURSOR_LOST: {
    retryable: true,
    message: 'The journal no longer knows the last position; reading goes on by time.',
    hint: 'The journal was removed or replaced; entries in between may be missing.',
  },
  STDIN_FAILED: {
    retryable: false,
    message: 'Standard input cannot be read: {reason}.',
    hint: 'Check what is connected to standard input.',
  },
  SYSLOG_UNAVAILABLE: {
    retryable: true,
    message: 'Syslog over {transport} cannot be received at {host} port {port}: {reason}.',
    hint: 'See what holds the port (`ss -lntup`), choose another in `collector.syslog`, or run as root for ports below 1024.',
  },
  LOGONS_UNAVAILABLE: {
    retryable: true,
    message: 'Logons of applications cannot be received at {host} port {port}: {reason}.',
    hint: 'See what holds the port (`ss -lntp`), or choose another in `collector.logons`; then start the collector again.',
  },
  SYSLOG_OVERRUN: {
    retryable: false,
    message: '{count} datagrams of syslog came faster than they could be stored, and are lost.',
    hint: 'Let the device send over TCP or TLS, where it has to wait.',
  },
  SYSLOG_BROKEN: {
    retryable: false,
    message: 'A connection from {peer} was closed, since it sent no syslog: {reason}.',
    hint: 'Let it send RFC 5424 or RFC 3164, framed as RFC 6587 says: with a line feed at the end, or counted.',
  },
} as const satisfies ErrorTable;

export const inputError = errorsOf(INPUT_ERRORS);

export type InputErrorCode = keyof typeof INPUT_ERRORS;
