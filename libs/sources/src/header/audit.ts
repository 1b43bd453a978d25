import { digitsEnd, numberBetween } from '../scan.js';
import type { LogLine } from '../source.js';

/**
 * `[node=HOST ]type=TYPE msg=audit(SECONDS.MILLIS:SERIAL): FIELDS`, as auditd writes it into its own log. The message
 * handed on is `TYPE FIELDS`, which is also what the journal holds. False when the text is another.
 */
export function readAuditRecord(line: LogLine, text: string, defaultHost: string): boolean {
  let at = 0;
  line.host = defaultHost;
  if (text.startsWith('node=')) {
    at = text.indexOf(' ') + 1;
    if (at === 0) return false;
    line.host = text.slice(5, at - 1);
  }
  if (!text.startsWith('type=', at)) return false;
  const typeEnd = text.indexOf(' ', at);
  if (typeEnd < 0 || !text.startsWith('msg=audit(', typeEnd + 1)) return false;
  const secondsStart = typeEnd + 11;
  const secondsEnd = digitsEnd(text, secondsStart);
  const millisEnd = digitsEnd(text, secondsEnd + 1);
  const seconds = numberBetween(text, secondsStart, secondsEnd, 11);
  const millis = numberBetween(text, secondsEnd + 1, millisEnd, 3);
  const close = text.indexOf('): ', millisEnd);
  if (seconds < 0 || millis < 0 || close < 0) return false;
  line.timeMs = seconds * 1000 + millis;
  line.program = 'auditd';
  line.pid = undefined;
  line.message = `${text.slice(at + 5, typeEnd)} ${text.slice(close + 3)}`;
  return true;
}
