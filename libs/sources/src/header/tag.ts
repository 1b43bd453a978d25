import { numberBetween } from '../scan.js';
import type { LogLine } from '../source.js';

/**
 * `HOST TAG[PID]: MESSAGE` at `start`, after a timestamp. Also read, as found in the field: no host
 * (`sshd[1]: …`), the host twice, `[sshd]: …` and `[sshd] …`, the old PAM form `sshd(pam_unix)[1]: …`, a path before
 * the program.
 *
 * The host may be missing, so a first word that ends with a colon is the tag. Fills host, program, pid and message;
 * false when there is no tag.
 */
export function readHostAndTag(line: LogLine, text: string, start: number, defaultHost: string): boolean {
  let hostStart = start;
  while (text.charCodeAt(hostStart) === 32) hostStart++;
  const hostEnd = text.indexOf(' ', hostStart);
  if (hostEnd < 0) return false;
  const isTag = text.charCodeAt(hostEnd - 1) === 58 || text.charCodeAt(hostStart) === 91;
  line.host = isTag ? defaultHost : text.slice(hostStart, hostEnd);
  return readTag(line, text, isTag ? hostStart : afterSameHost(line.host, text, hostEnd + 1));
}

/** Behind the host once more, which programs write that give their own header to the local log daemon (nginx). */
function afterSameHost(host: string, text: string, start: number): number {
  const end = start + host.length;
  return text.startsWith(host, start) && text.charCodeAt(end) === 32 ? end + 1 : start;
}

/** `TAG[PID]: MESSAGE` at `start`. */
function readTag(line: LogLine, text: string, start: number): boolean {
  let at = start;
  while (text.charCodeAt(at) === 32) at++;
  const tagStart = at;
  let code = text.charCodeAt(at);
  if (code === 91) return readBracketedTag(line, text, at);
  // A tag ends at its colon, its pid or its old-style module.
  let nameStart = at;
  while (code !== 58 && code !== 91 && code !== 32 && code !== 40 && at < text.length) {
    if (code === 47) nameStart = at + 1;
    code = text.charCodeAt(++at);
  }
  if (at === tagStart || at === text.length || code === 32) return false;
  line.program = text.slice(nameStart, at);
  let module = '';
  if (code === 40) {
    const close = text.indexOf(')', at);
    if (close < 0) return false;
    module = text.slice(at, close + 1);
    at = close + 1;
    code = text.charCodeAt(at);
  }
  line.pid = undefined;
  if (code === 91) {
    const close = text.indexOf(']', at);
    if (close < 0) return false;
    const pid = numberBetween(text, at + 1, close);
    if (pid >= 0) line.pid = pid;
    at = close + 1;
    code = text.charCodeAt(at);
  }
  if (code !== 58) return false;
  setMessage(line, text, at + 1, module);
  return true;
}

function readBracketedTag(line: LogLine, text: string, at: number): boolean {
  const close = text.indexOf(']', at);
  if (close <= at + 1 || close - at > 64) return false;
  line.program = text.slice(at + 1, close);
  line.pid = undefined;
  setMessage(line, text, text.charCodeAt(close + 1) === 58 ? close + 2 : close + 1, '');
  return true;
}

function setMessage(line: LogLine, text: string, start: number, module: string): void {
  const message = text.charCodeAt(start) === 32 ? text.slice(start + 1) : text.slice(start);
  line.message = module.startsWith('(pam_') ? `${module} ${message}` : message;
}
