import { JsonRecord } from '../beats/json-record.js';
import { type LogFormat, lineOf } from '../log-format.js';
import { PROGRAM, parseText } from './messages.js';

/**
 * The error log of MySQL 8 and later in JSON (`log_sink_json`), beside the text as `FILE.00.json`: one object a line,
 *
 *     { "prio" : 2, "err_code" : 10926, …, "msg" : "Access denied …", "time" : "2026-11-01T12:00:00.123456Z", …, "label" : "Note" }
 *
 * with names and values set apart by blanks or not. What peers write stands in `msg`, which JSON escapes.
 *
 * Source: components/logging/log_sink_json.cc.
 */
export const jsonLog: LogFormat = {
  name: 'mysql-json',
  files: ['/var/log/mysql/*.json', '/var/log/mysqld.log.*.json'],
  begins: '{',
  recognises: (raw) => BEGINNING.test(raw),
  open: (stream) => (raw) => {
    if (!BEGINNING.test(raw)) return undefined;
    const entry = JsonRecord.read(raw);
    const timeMs = stream.clock.readIso(entry?.text('time') ?? '', 0);
    const msg = entry?.text('msg');
    if (timeMs < 0 || msg === undefined) return { unparsed: 'unknown-message', program: PROGRAM };
    return parseText(lineOf(raw, stream, PROGRAM, timeMs, msg), msg);
  },
};

/** The server's own fields, which come first. */
const BEGINNING = /^\{ ?(?:"log_type" ?: ?\d{1,3}, ?)?"prio" ?: ?\d, ?"err_code" ?: ?\d{1,6}, ?"/;
