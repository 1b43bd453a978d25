import type { FleetEvent } from '@fleetwall/core';
import { BrokenName } from '../broken-name.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { RecentPeers } from '../recent-peers.js';
import { type LogLine, notRelevant, type Source, type Unparsed, withMemory } from '../source.js';
import { csvLog } from './csv-log.js';
import { jsonLog } from './json-log.js';
import { messageEvent, PROGRAM } from './messages.js';
import { hasStamp, readPrefix } from './prefix.js';

/**
 * PostgreSQL 9 to 18: the server's log with the usual `log_line_prefix`es, as `csvlog` and `jsonlog`, and the same through
 * syslog. English messages.
 *
 * By default a refused logon names no address. It is in the prefix (`%h`, `%r`), or in the line that `log_connections`
 * writes when the connection begins: both lines have the pid of the server's process, of which every connection has one.
 *
 * Source: src/backend/libpq/auth.c, postmaster/postmaster.c (BackendInitialize), utils/init/postinit.c,
 * tcop/postgres.c (log_disconnections), utils/error/elog.c (log_line_prefix, send_message_to_server_log).
 */
export const postgresql: Source = {
  name: 'postgresql',
  programs: ['postgres', 'postgresql', 'postmaster'],
  formats: [
    {
      name: 'postgresql',
      files: ['/var/log/postgresql/*.log', '/var/lib/pgsql/*/data/log/*.log', '/var/lib/pgsql/data/log/*.log'],
      begins: '0<',
      recognises: (raw) => hasStamp(raw) && readPrefix(raw) !== undefined,
      open: openFile,
    } satisfies LogFormat,
    csvLog,
    jsonLog,
  ],
  ...withMemory(() => new RecentPeers(), parseSyslog),
};

/** `[5-1] `: the message's number and, when it has several lines, the line's. */
const SEQUENCE = /^\[\d+(?:-(\d+))?\] /;

function parseSyslog(line: LogLine, peers: RecentPeers | undefined): FleetEvent | Unparsed {
  const sequence = SEQUENCE.exec(line.message);
  // Lines after a message's first are the rest of what a client sent.
  if (sequence !== null && sequence[1] !== undefined && sequence[1] !== '1') return notRelevant(line);
  const prefix = readPrefix(sequence === null ? line.message : line.message.slice(sequence[0].length));
  return prefix === undefined ? notRelevant(line) : messageEvent(line, prefix, peers);
}

/** Account and database have up to 63 bytes each, and the prefix may hold both, and the client's name of itself. */
const MAX_NAMES = 256;

function openFile(stream: StreamContext): FormatReader {
  const peers = new RecentPeers();
  const broken = new BrokenName(MAX_NAMES);
  return (raw) => {
    if (broken.mayHold(raw)) return { unparsed: 'unknown-message', program: PROGRAM };
    // The server begins every further line of a message with a tab.
    if (raw.startsWith('\t')) return { unparsed: 'not-relevant', program: PROGRAM };
    if (!hasStamp(raw)) return undefined;
    const prefix = readPrefix(raw);
    const timeMs = prefix === undefined ? -1 : stream.clock.readIso(prefix.stamp, 0);
    if (prefix === undefined || timeMs < 0) {
      broken.begin();
      return { unparsed: 'unknown-message', program: PROGRAM };
    }
    const line = lineOf(raw, stream, PROGRAM, timeMs, prefix.text);
    line.pid = prefix.pid;
    return messageEvent(line, prefix, peers);
  };
}
