export interface Head {
  /** The time as ISO 8601, as it stands in the line or put into that form; empty where the line has none. */
  stamp: string;
  /** What the server says. */
  text: string;
  /** Whether no other program writes such a line. */
  isCertain: boolean;
  /** Of the general log, which holds every client's queries as they are, line ends and all. */
  isGeneral: boolean;
}

/**
 * `STAMP [THREAD] [Note] [MY-010926] [Server] TEXT` of the error log and `STAMP THREAD COMMAND TEXT` of the general log,
 * whose stamp is left out where it is that of the line before. STAMP is, from old to new, `261101  9:00:00` (MySQL to 5.5,
 * MariaDB to 10.0), `2026-11-01 9:00:00` (5.6, MariaDB; the hour padded with a space), `2026-11-01T09:00:00.123456Z` (5.7
 * and later; with an offset by `log_timestamps=SYSTEM`).
 */
const STAMP =
  /^(?:(?<short>\d{6})|(?<date>\d{4}-\d\d-\d\d))[T ](?<time>[ \d]\d:\d\d:\d\d(?:\.\d{1,9})?)(?<zone>Z|[+-]\d\d:\d\d)?(?=\s)/;
const LEVEL = /^\s{1,8}(?:\d{1,20} )?\[(?:Note|Warning|ERROR|Error|System)\] (?:\[MY-\d{6}\] \[[^\]]{1,32}\] )?/;
const COMMAND =
  /^\s{1,20}\d{1,20} (?:Connect|Change user|Query|Quit|Init DB|Prepare|Execute|Close stmt|Field List|Statistics)(?:\s{1,8}|$)/;

/** Undefined when the line has another form. */
export function readHead(raw: string): Head | undefined {
  const match = STAMP.exec(raw);
  const rest = match === null ? raw : raw.slice(match[0].length);
  const level = match === null ? null : LEVEL.exec(rest);
  const head = level ?? COMMAND.exec(rest);
  if (head === null) return undefined;
  return {
    stamp: isoOf(match?.groups),
    text: rest.slice(head[0].length),
    isCertain: match !== null,
    isGeneral: level === null,
  };
}

function isoOf(groups: Record<string, string> | undefined): string {
  if (groups === undefined) return '';
  const { short, date, time = '', zone = '' } = groups;
  const day = short === undefined ? date : `20${short.slice(0, 2)}-${short.slice(2, 4)}-${short.slice(4)}`;
  return `${day}T${time.replace(' ', '0')}${zone}`;
}
