import { numberBetween } from '../scan.js';
import type { LogLine } from '../source.js';
import { evidenceOfWriter } from './journal-writer.js';

/**
 * One entry of `journalctl -o json`. Fields that begin with `_` are written by the journal itself and cannot be forged
 * by the sender, so they win. Source: systemd.journal-fields(7), systemd's docs/JOURNAL_EXPORT_FORMATS.md.
 *
 * False when the text is no JSON object with a MESSAGE and a time.
 */
export function readJournald(line: LogLine, text: string, defaultHost: string): boolean {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof entry !== 'object' || entry === null) return false;
  const field = (name: string) => fieldText((entry as Record<string, unknown>)[name]);
  const message = field('MESSAGE');
  const timeMs = microseconds(field('_SOURCE_REALTIME_TIMESTAMP')) ?? microseconds(field('__REALTIME_TIMESTAMP'));
  const identifier = field('SYSLOG_IDENTIFIER') ?? field('_COMM');
  if (message === undefined || timeMs === undefined || identifier === undefined) return false;
  line.timeMs = timeMs;
  line.host = field('_HOSTNAME') ?? defaultHost;
  line.message = message;
  line.evidence = evidenceOfWriter({
    identifier,
    comm: field('_COMM'),
    uid: uidOf(field('_UID')),
    unit: field('_SYSTEMD_UNIT'),
    transport: field('_TRANSPORT'),
  });
  const module = identifier.indexOf('(pam_');
  line.program = identifier.slice(identifier.lastIndexOf('/') + 1);
  if (module > 0 && identifier.endsWith(')')) {
    line.program = identifier.slice(0, module);
    line.message = `${identifier.slice(module)} ${message}`;
  }
  const pid = field('_PID') ?? field('SYSLOG_PID') ?? '';
  const number = numberBetween(pid, 0, pid.length);
  line.pid = number < 0 ? undefined : number;
  return true;
}

/** A value: text, bytes where it is not UTF-8 or not printable, or a list of values of which the first counts. */
function fieldText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (typeof value[0] === 'number') return Buffer.from(value as number[]).toString('utf8');
  return typeof value[0] === 'string' ? value[0] : undefined;
}

function microseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = numberBetween(text, 0, text.length, 17);
  return value < 0 ? undefined : Math.floor(value / 1000);
}

/** What is no number is nobody's, and so not root's. */
function uidOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberBetween(text, 0, text.length);
}
