import { BrokenName } from '../broken-name.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { withEvidence } from '../message-forms.js';
import type { Source } from '../source.js';
import { readHead } from './head.js';
import { jsonLog } from './json-log.js';
import { PROGRAM, parseText } from './messages.js';

/**
 * MySQL 5 to 9, MariaDB and Percona: the error log (as text, and MySQL 8's in JSON), the general log's refused
 * connections, and all as text through syslog.
 *
 * A refused logon is in the error log with `log_warnings=2`, `log_error_verbosity=3` or MariaDB's default of
 * `log_warnings`. A success is in no log: the general log's `Connect` comes before the password is checked.
 *
 * Source: share/errmsg-utf8.txt (ER_ACCESS_DENIED_ERROR and others), sql/auth/sql_authentication.cc, sql/log.cc.
 */
export const mysql: Source = {
  name: 'mysql',
  programs: ['mysqld', 'mariadbd', 'mysql', 'mariadb', 'mysqld_safe', 'mysqld-debug'],
  formats: [
    {
      name: 'mysql',
      files: ['/var/log/mysql/*.log', '/var/log/mysqld.log', '/var/log/mysql/*.err', '/var/log/mariadb/*.log'],
      begins: '0',
      recognises: (raw) => readHead(raw)?.isCertain === true,
      open,
    } satisfies LogFormat,
    jsonLog,
  ],
  parse: (line) => parseText(line, readHead(line.message)?.text ?? line.message),
};

/** A name has up to 128 characters of up to 4 bytes; what was cut off is not in the log. */
const MAX_NAME = 512;

function open(stream: StreamContext): FormatReader {
  const broken = new BrokenName(MAX_NAME);
  let isGeneral = false;
  return (raw) => {
    if (broken.mayHold(raw)) return { unparsed: 'unknown-message', program: PROGRAM };
    const head = readHead(raw);
    const timeMs = head === undefined ? -1 : timeOf(stream, head.stamp);
    // Any line of the general log may be a part of somebody's query, whatever it looks like.
    if (head === undefined || timeMs < 0) return isGeneral ? { unparsed: 'not-relevant', program: PROGRAM } : undefined;
    isGeneral ||= head.isGeneral;
    const ownLine = lineOf(raw, stream, PROGRAM, timeMs, head.text);
    const line = isGeneral ? withEvidence(ownLine, 'unauthenticated') : ownLine;
    const result = parseText(line, head.text);
    if ('unparsed' in result && /^(?:Access denied|Aborted connection)/.test(head.text)) broken.begin();
    return result;
  };
}

/** @param stamp ISO 8601; empty where the general log repeats the time of the line before */
function timeOf({ clock }: StreamContext, stamp: string): number {
  return stamp === '' ? (clock.lastMs ?? -1) : clock.readIso(stamp, 0);
}
