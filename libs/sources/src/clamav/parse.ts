import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, plainDraft, TYPE } from '../event-builder.js';
import { MAX_MESSAGE, type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { readAsctimeStamp } from '../time/stamps.js';

/** `Sun Nov  1 12:00:00 2026 -> `, by LogTime. */
const STAMP = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} -> /;

/**
 * ClamAV: what clamd, clamscan, clamonacc and clamav-milter found, and whether clamd runs and its signatures are new.
 *
 * `FILE: SIGNATURE FOUND`, with ExtendedDetectionInfo `FILE: SIGNATURE(MD5:SIZE) FOUND`. The file's name is its owner's
 * text and may hold anything; a signature has neither spaces nor colons and ends the message.
 *
 * Source: clamd/scanner.c, clamd/others.c (virusaction), common/output.c (logg), clamav-milter/clamfi.c, freshclam.
 */
export const clamav: Source = {
  name: 'clamav',
  programs: ['clamd', 'clamav-daemon', 'clamscan', 'clamdscan', 'clamonacc', 'clamav-milter', 'freshclam'],
  formats: [
    stampedLog({
      name: 'clamav',
      files: ['/var/log/clamav/*.log', '/var/log/clamd.log', '/var/log/clamd.scan', '/var/log/freshclam.log'],
      begins: 'A',
      beginning: STAMP,
      time: (clock, raw) => readAsctimeStamp(clock, raw, 0),
      parse,
    }),
  ],
  parse,
};

const FOUND = / (?<name>[^\s:()]+)(?:\((?<md5>[0-9a-f]{32}):\d+\))? FOUND$/;
const MILTER_FOUND = /^Message .* infected by (?<name>[^\s:()]+)$/s;

const FORMS: readonly MessageForm[] = [
  { pattern: /^\+\+\+ Started at /, action: 'antivirus-started', category: CATEGORY.process, type: TYPE.start },
  { pattern: /^--- Stopped at /, action: 'antivirus-stopped', category: CATEGORY.process, type: TYPE.end },
  {
    pattern: /^[a-z]{3,32}\.c[vl]d updated \(version: /,
    action: 'antivirus-signatures-updated',
    category: CATEGORY.configuration,
    type: TYPE.change,
  },
  {
    pattern: /^(?:WARNING: |\^)?Your ClamAV installation is OUTDATED!/,
    action: 'antivirus-outdated',
    category: CATEGORY.host,
  },
];

function parse(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.replace(STAMP, '');
  const found = text.endsWith(' FOUND') ? foundEvent(line, text) : undefined;
  const milter =
    text.startsWith('Message ') && text.length <= MAX_MESSAGE ? MILTER_FOUND.exec(text)?.groups?.name : undefined;
  if (milter !== undefined) return malwareEvent(line, milter);
  return found ?? readForms('clamav', FORMS, line, text) ?? notRelevant(line);
}

function foundEvent(line: LogLine, text: string): FleetEvent | undefined {
  // A signature and its details are short; looking at the end alone keeps a long name cheap.
  const tailStart = Math.max(0, text.length - MAX_TAIL);
  const match = FOUND.exec(text.slice(tailStart));
  const nameEnd = match === null ? -1 : tailStart + match.index - 1;
  if (match === null || text[nameEnd] !== ':') return undefined;
  const event = malwareEvent(line, match.groups?.name as string);
  const path = text.slice(text.startsWith(ON_ACCESS) ? ON_ACCESS.length : 0, nameEnd);
  // Of a stream (`instream(…)`, `fd[10]`) there is no path.
  if (/^(?:\/|[A-Za-z]:\\)/.test(path)) event['file.path'] = path;
  if (match.groups?.md5 !== undefined) event['file.hash.md5'] = match.groups.md5;
  return event;
}

const MAX_TAIL = 512;
const ON_ACCESS = 'ScanOnAccess: ';

function malwareEvent(line: LogLine, name: string): FleetEvent {
  const event = plainDraft('clamav', 'malware-detected', CATEGORY.malware, TYPE.info).finish(line);
  event['fleetwall.malware.name'] = name;
  return event;
}
