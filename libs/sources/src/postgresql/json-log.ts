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

interface Entry {
  timestamp?: unknown;
  pid?: unknown;
  remote_host?: unknown;
  remote_port?: unknown;
  error_severity?: unknown;
  message?: unknown;
}

function open(stream: StreamContext): FormatReader {
  const peers = new RecentPeers();
  return (raw) => {
    if (!BEGINNING.test(raw)) return undefined;
    const entry = readEntry(raw);
    const timeMs = stream.clock.readIso(isoOfStamp(textOf(entry.timestamp)), 0);
    if (timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    const prefix = prefixOf(entry);
    const line = lineOf(raw, stream, PROGRAM, timeMs, prefix.text);
    line.pid = prefix.pid;
    return messageEvent(line, prefix, peers);
  };
}

function prefixOf({ timestamp, pid, remote_host: host, remote_port: port, error_severity, message }: Entry): Prefix {
  return {
    stamp: textOf(timestamp),
    pid: typeof pid === 'number' ? pid : undefined,
    host: typeof host === 'string' && host !== '[local]' ? host : undefined,
    port: typeof port === 'number' ? port : undefined,
    severity: textOf(error_severity),
    text: textOf(message),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Empty for what is no JSON, such as a line that was cut. */
function readEntry(raw: string): Entry {
  try {
    return JSON.parse(raw) as Entry;
  } catch {
    return {};
  }
}
