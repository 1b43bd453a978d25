import { MAX_MESSAGE } from '../message-forms.js';

export interface Prefix {
  /** ISO 8601; empty where the line has none. */
  stamp: string;
  pid: number | undefined;
  /** `%h` or `%r`; undefined where the prefix has none, or `[local]`. */
  host: string | undefined;
  port: number | undefined;
  severity: string;
  text: string;
}

/** `2026-11-01 12:00:00.123 UTC` (`%m`, `%t`), which RHEL's old packages put into `< … >`. */
const STAMP =
  /^(?:< )?(?<date>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?) (?<zone>[A-Za-z]{1,6}|[+-]\d\d(?::?\d\d)?)(?: >)?(?=[ :[A-Z])/;

const WHOLE_STAMP =
  /^(?<date>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d\.\d{3}) (?<zone>[A-Za-z]{1,6}|[+-]\d\d(?::?\d\d)?)$/;

const ADDRESS = String.raw`(?<host>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f.]{0,39}:[0-9A-Fa-f:.]{1,45}|\[local\])`;
const PORT = String.raw`(?:\((?<port>\d{1,5})\))?`;
const NAME = String.raw`[^\s@"]{0,128}@[^\s@":]{0,128}`;
const SEVERITY = String.raw`(?<severity>[A-Z]{3,9}\d?):  (?<text>.*)$`;

/**
 * What stands between stamp and severity, where it is one of these; account and database are one word each, and what else a
 * peer may have written is refused.
 *
 * - `%m [%p] ` (the default; RHEL, Docker), `%m [%p] %q%u@%d ` (Debian), `%t [%p-%l] %q%u@%d `, each also with `%h` or `%r`
 *   before or behind the account
 * - `%t:%r:%u@%d:[%p]:` (Amazon RDS)
 * - `%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ` (pgBadger's), with fewer of them, too
 */
const PREFIXES = [
  new RegExp(String.raw`^ \[(?<pid>\d+)(?:-\d+)?\]:? (?:\[\d+-\d+\] )?(?:${NAME} )?${SEVERITY}`, 's'),
  new RegExp(String.raw`^ \[(?<pid>\d+)(?:-\d+)?\]:? (?:\[\d+-\d+\] )?${ADDRESS}${PORT} (?:${NAME} )?${SEVERITY}`, 's'),
  new RegExp(String.raw`^ \[(?<pid>\d+)(?:-\d+)?\]:? (?:\[\d+-\d+\] )?${NAME} ${ADDRESS}${PORT} ${SEVERITY}`, 's'),
  new RegExp(String.raw`^:(?:${ADDRESS}${PORT})?:(?:${NAME})?:\[(?<pid>\d+)\]:${SEVERITY}`, 's'),
  new RegExp(
    String.raw`^ \[(?<pid>\d+)\]:? (?:\[\d+-\d+\] )?user=[^\s,]*,db=[^\s,]*(?:,app=[^,=]{0,64})?(?:,(?:client|host)=(?:${ADDRESS}${PORT})?)? ${SEVERITY}`,
    's',
  ),
  new RegExp(`^ ?${SEVERITY}`, 's'),
];

/** Words of severity: with one of them in the text, the prefix may end there as well, and be a peer's so far. */
const SEVERITIES = /(?:FATAL|LOG|ERROR|WARNING|PANIC): {2}/;

/** Undefined when the line has another form, or more than one reading. */
export function readPrefix(raw: string): Prefix | undefined {
  const stamp = STAMP.exec(raw);
  return readParts(stamp === null ? '' : isoOf(stamp.groups ?? {}), stamp === null ? raw : raw.slice(stamp[0].length));
}

/** A whole `2026-11-01 12:00:00.123 UTC` as ISO 8601; empty when it is none. */
export function isoOfStamp(stamp: string): string {
  const groups = WHOLE_STAMP.exec(stamp)?.groups;
  return groups === undefined ? '' : isoOf(groups);
}

/** Whether the line begins as the server's own do. */
export function hasStamp(raw: string): boolean {
  return STAMP.test(raw);
}

function readParts(stamp: string, rest: string): Prefix | undefined {
  if (rest.length > MAX_MESSAGE) return undefined;
  for (const pattern of PREFIXES) {
    const groups = pattern.exec(rest)?.groups;
    if (groups === undefined) continue;
    const { pid, host, port, severity = '', text = '' } = groups;
    if (SEVERITIES.test(text)) return undefined;
    return {
      stamp,
      pid: pid === undefined ? undefined : Number(pid),
      host: host === '[local]' ? undefined : host,
      port: port === undefined ? undefined : Number(port),
      severity,
      text,
    };
  }
  return undefined;
}

/** The abbreviation of a zone is not to be relied on, apart from UTC's: others are those of the configured zone. */
function isoOf({ date, time, zone = '' }: Record<string, string | undefined>): string {
  const isUtc = zone === 'UTC' || zone === 'GMT' || zone === 'Z';
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : /^[+-]/.test(zone) ? zone : '';
  return `${date}T${time}${isUtc ? 'Z' : offset}`;
}
