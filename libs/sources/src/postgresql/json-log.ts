import { JsonRecord } from '../beats/json-record.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { RecentPeers } from '../recent-peers.js';
import { messageEvent, PROGRAM } from './messages.js';
import { isoOfStamp, type Prefix } from './prefix.js';

/**
 * `jsonlog` (`log_destination`, PostgreSQL 15 and later): one object a line, its keys in this order, those without a value left
 * out: `timestamp`, `user`, `dbname`, `pid`, `remote_host`, `remote_port`, `session_id`, `line_num`, …, `error_severity`,
 * `state_code`, `message`, …
 *
 * Source: src/backend/utils/error/jsonlog.c.
 */
export const jsonLog: LogFormat = {
  name: 'postgresql-json',
  files: ['/var/log/postgresql/*.json', '/var/lib/pgsql/*/data/log/*.json', '/var/lib/pgsql/data/log/*.json'],
  begins: '{',
  recognises: (raw) => BEGINNING.test(raw),
  open,
};

/** Names have 63 bytes at most, a host's 255. */
const TEXT = String.raw`"(?:[^"\\]|\\.){0,512}"`;
const BEGINNING = new RegExp(
  String.raw`^\{"timestamp":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^"]{1,8}",(?:"user":${TEXT},)?(?:"dbname":${TEXT},)?"pid":\d{1,10},(?:"remote_host":${TEXT},)?(?:"remote_port":\d{1,5},)?"session_id":"[0-9a-f]{1,16}\.[0-9a-f]{1,8}",`,
);

function open(stream: StreamContext): FormatReader {
  const peers = new RecentPeers();
  return (raw) => {
    if (!BEGINNING.test(raw)) return undefined;
    const entry = JsonRecord.read(raw);
    const prefix = entry && prefixOf(entry);
    const timeMs = stream.clock.readIso(isoOfStamp(prefix?.stamp ?? ''), 0);
    if (prefix === undefined || timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    const line = lineOf(raw, stream, PROGRAM, timeMs, prefix.text);
    line.pid = prefix.pid;
    return messageEvent(line, prefix, peers);
  };
}

function prefixOf(entry: JsonRecord): Prefix {
  const host = entry.text('remote_host');
  return {
    stamp: entry.text('timestamp') ?? '',
    pid: entry.number('pid'),
    host: host === '[local]' ? undefined : host,
    port: entry.number('remote_port'),
    severity: entry.text('error_severity') ?? '',
    text: entry.text('message') ?? '',
  };
}
