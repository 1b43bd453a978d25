import { type Source, unknownMessage } from '../source.js';
import { sshd } from '../sshd/parse.js';
import { stampedLog } from '../stamped-log.js';

/**
 * OpenSSH on Windows with `SyslogFacility LOCAL0`: a file of its own, of which every line is one of sshd. By default it writes to
 * Windows' event log. Source: contrib/win32/win32compat/misc.c and syslog.c of Win32-OpenSSH.
 */
const ownLog = stampedLog({
  name: 'OpenSSH on Windows',
  program: 'sshd',
  files: ['C:/ProgramData/ssh/logs/sshd.log'],
  begins: '0',
  // `1234 2026-11-22 07:00:00.123 TEXT`: process, local time, sshd's own words
  beginning: /^(?<pid>\d{1,10}) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?=\S)/,
  time: (clock, raw) => clock.readIso(raw, raw.indexOf(' ') + 1),
  parse: sshd.parse,
});

/** sshd on Windows, from its own log; its events are those of the source `sshd`. */
export const opensshWindows: Source = {
  name: 'openssh-windows',
  programs: [],
  formats: [ownLog],
  parse: unknownMessage,
};
