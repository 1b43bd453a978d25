import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { RecentPeers } from '../recent-peers.js';
import type { Unparsed } from '../source.js';
import { splitCsv } from '../w3c/csv.js';
import { messageEvent, PROGRAM } from './messages.js';
import { isoOfStamp, type Prefix } from './prefix.js';

/**
 * `csvlog` (`log_destination`): 23 values to PostgreSQL 12, 24 in 13, 26 from 14 on.
 *
 *     time,user,database,pid,host:port,session,line,command,started,vxid,txid,severity,sqlstate,message,detail,…
 *
 * Texts are in quotes, quotes in them doubled, line ends as they are: a record may go on for many lines, in which everything
 * may be a peer's. It ends where the number of quotes is even.
 *
 * Source: src/backend/utils/error/csvlog.c (elog.c before 15).
 */
export const csvLog: LogFormat = {
  name: 'postgresql-csv',
  files: ['/var/log/postgresql/*.csv', '/var/lib/pgsql/*/data/log/*.csv', '/var/lib/pgsql/data/log/*.csv'],
  begins: '0',
  recognises: (raw) => BEGINNING.test(raw),
  open,
};

/** Names have 63 bytes at most, a host's 255. */
const TEXT = '(?:"(?:[^"]|""){0,300}")?';
const BEGINNING = new RegExp(
  String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"]{1,8},${TEXT},${TEXT},\d{0,10},${TEXT},[0-9a-f]{1,16}\.[0-9a-f]{1,8},\d{1,10},`,
);
const MAX_VALUES = 26;
/** Characters of a record at most; then its end was lost, and the next record begins. */
const MAX_RECORD = 1 << 20;
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };

function open(stream: StreamContext): FormatReader {
  const peers = new RecentPeers();
  /** Characters of a record whose quotes are still open; 0 when none is. */
  let openChars = 0;
  return (raw) => {
    if (openChars > 0) {
      openChars = hasOddQuotes(raw) ? 0 : openChars + raw.length + 1;
      if (openChars > MAX_RECORD) openChars = 0;
      return { unparsed: 'not-relevant', program: PROGRAM };
    }
    const isOpen = hasOddQuotes(raw);
    if (isOpen) openChars = raw.length + 1;
    // What ends in the first line is whole; the value that does not is the last.
    return BEGINNING.test(raw)
      ? recordEvent(raw, splitCsv(isOpen ? `${raw}"` : raw, MAX_VALUES), stream, peers)
      : UNKNOWN;
  };
}

function recordEvent(
  raw: string,
  values: ReturnType<typeof splitCsv>,
  stream: StreamContext,
  peers: RecentPeers,
): FleetEvent | Unparsed {
  // Behind the message there is always a value, if an empty one.
  if (!Array.isArray(values) || values.length <= MESSAGE + 1) return UNKNOWN;
  const [stamp = '', , , pid = '', from = ''] = values;
  const timeMs = stream.clock.readIso(isoOfStamp(stamp), 0);
  if (timeMs < 0) return UNKNOWN;
  const prefix: Prefix = {
    stamp,
    pid: pid === '' ? undefined : Number(pid),
    ...peerOf(from),
    severity: values[SEVERITY] ?? '',
    text: values[MESSAGE] ?? '',
  };
  const line = lineOf(raw, stream, PROGRAM, timeMs, prefix.text);
  line.pid = prefix.pid;
  return messageEvent(line, prefix, peers);
}

const SEVERITY = 11;
const MESSAGE = 13;

/** `host:port`, IPv6 without brackets; `[local]`. */
function peerOf(from: string): Pick<Prefix, 'host' | 'port'> {
  const match = /^(.*):(\d{1,5})$/s.exec(from);
  return match === null ? { host: undefined, port: undefined } : { host: match[1], port: Number(match[2]) };
}

function hasOddQuotes(raw: string): boolean {
  let isOdd = false;
  for (let at = raw.indexOf('"'); at >= 0; at = raw.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}
