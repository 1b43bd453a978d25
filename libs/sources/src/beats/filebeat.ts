import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import { cutShort } from '../cut-line.js';
import type { LineParser } from '../line-parser.js';
import { isUnparsed, type Unparsed } from '../source.js';
import type { JsonRecord } from './json-record.js';

/** Inputs that read what a program of the host itself wrote; all others take what anybody sends. */
const LOCAL_INPUTS = new Set(['filestream', 'log', 'journald']);

/** A parser of lines of one kind; its memory of times belongs to the stream. */
export type ParserOf = (stream: string, evidence: EvidenceClass) => LineParser;

/**
 * The event of a line that Filebeat read, by the same parsers as everywhere: what Filebeat's modules and processors made of
 * it is not looked at. Several lines in one (multiline) give no event.
 *
 * @param timeMs when Filebeat read it, or when the journal has it
 */
export function readFilebeatLine(
  record: JsonRecord,
  line: string,
  timeMs: number,
  parserOf: ParserOf,
): FleetEvent | Unparsed {
  if (line.includes('\n')) return { unparsed: 'no-header' };
  const input = record.text('input.type') ?? '';
  const evidence = evidenceOf(record, input);
  const parser = parserOf(record.text('log.file.path') ?? input, evidence);
  let read: FleetEvent | Unparsed;
  if (input === 'journald') read = parser.parse(journalEntryOf(record, line));
  else if (evidence === 'handshake') read = parser.parse(line);
  else read = readSyslog(record, line, timeMs, parser);
  if (isUnparsed(read) || !record.texts('log.flags').includes('truncated')) return read;
  return cutShort(read);
}

/** Text that came over the network, or that some host sent to a central syslog, proves nothing about an address. */
function evidenceOf(record: JsonRecord, input: string): EvidenceClass {
  const isRemote = record.text('log.source.address') !== undefined;
  // The journald input writes priority and facility there.
  const isSyslog = input !== 'journald' && record.get('log.syslog') !== undefined;
  return LOCAL_INPUTS.has(input) && !isRemote && !isSyslog ? 'handshake' : 'unauthenticated';
}

/** The syslog input and the syslog parser take the header off; program and pid then stand in fields. */
function readSyslog(record: JsonRecord, line: string, timeMs: number, parser: LineParser): FleetEvent | Unparsed {
  const tag = record.text('log.syslog.appname') ?? record.text('process.program') ?? '';
  // `postfix/smtpd`: as everywhere, what stands behind the last slash is the program.
  const program = tag.slice(tag.lastIndexOf('/') + 1);
  if (program === '') return parser.parse(line);
  const pid = record.number('log.syslog.procid') ?? record.number('process.pid');
  return parser.parseMessage({ original: line, timeMs, host: '', program, pid, message: line, evidence: 'handshake' });
}

/**
 * The entry as `journalctl -o json` prints it, with the fields that Filebeat renamed
 * (filebeat/input/journald/pkg/journalfield). Without a uid it is nobody's word.
 */
function journalEntryOf(record: JsonRecord, message: string): string {
  const numberOf = (field: string) => record.number(field)?.toString();
  return JSON.stringify({
    __REALTIME_TIMESTAMP: `${record.timeMs ?? 0}000`,
    _HOSTNAME: record.text('host.hostname'),
    _COMM: record.text('journald.process.name'),
    _PID: numberOf('journald.pid') ?? numberOf('process.pid'),
    SYSLOG_PID: numberOf('syslog.pid'),
    _UID: numberOf('journald.uid') ?? 'unknown',
    _TRANSPORT: record.text('systemd.transport'),
    SYSLOG_IDENTIFIER: record.text('syslog.identifier'),
    MESSAGE: message,
  });
}
