import { type LogFormat, lineOf } from '../log-format.js';
import { type Source, unknownMessage } from '../source.js';
import { sshd } from '../sshd/parse.js';

/** `1234 2026-11-22 07:00:00.123 TEXT`: process, local time, sshd's own words. */
const HEAD = /^(\d{1,10}) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?=\S)/;
const STAMP_CHARS = 24;

/**
 * OpenSSH on Windows with `SyslogFacility LOCAL0`: a file of its own, of which every line is one of sshd. By default it writes to
 * Windows' event log. Source: contrib/win32/win32compat/misc.c and syslog.c of Win32-OpenSSH.
 */
const ownLog: LogFormat = {
  name: 'OpenSSH on Windows',
  files: ['C:/ProgramData/ssh/logs/sshd.log'],
  recognises: (raw) => raw.charCodeAt(0) >= 48 && raw.charCodeAt(0) <= 57 && HEAD.test(raw),
  open: (stream) => (raw) => {
    const match = HEAD.exec(raw);
    const pid = match?.[1] ?? '';
    const timeMs = match === null ? -1 : stream.clock.readIso(raw, pid.length + 1);
    if (timeMs < 0) return undefined;
    const line = lineOf(raw, stream, 'sshd', timeMs, raw.slice(pid.length + 1 + STAMP_CHARS));
    return sshd.parse({ ...line, pid: Number(pid) });
  },
};

/** sshd on Windows, from its own log; its events are those of the source `sshd`. */
export const opensshWindows: Source = {
  name: 'openssh-windows',
  programs: [],
  formats: [ownLog],
  parse: unknownMessage,
};
