import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { MONTHS } from '../time/wall-clock.js';

/**
 * FreeSWITCH: refused SIP registrations and calls, from its own log or through syslog. The log does not say whether a packet
 * came over UDP, where anyone can write any address: all of it is `spoofable`.
 *
 * `STAMP [IDLE% ][LEVEL] FILE:LINE TEXT`, before it the call's UUID where there is one. What the peer wrote stands in
 * brackets before the address, which ends the line.
 *
 * Source: src/mod/endpoints/mod_sofia/sofia_reg.c, src/switch_log.c.
 */
export const freeswitch: Source = {
  name: 'freeswitch',
  programs: ['freeswitch'],
  formats: [
    {
      name: 'freeswitch',
      files: ['/var/log/freeswitch/freeswitch.log', '/usr/local/freeswitch/log/freeswitch.log'],
      begins: '0abcdef',
      recognises: (raw) => LINE.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => parseText(line, line.message, LINE.exec(line.message)),
};

/** Also without the year and with the module in brackets, as some builds have it. */
const LINE =
  /^(?:[0-9a-f]{8}-[0-9a-f-]{27} )?(?<date>\d{4}-\d\d-\d\d|\d\d-\d\d) (?<time>\d\d:\d\d:\d\d\.\d{6}) (?:\d{1,3}\.\d\d% )?\[(?:WARNING|WARN|NOTICE|INFO|ERR|DEBUG|CRIT|ALERT|CONSOLE)\] (?:\[[A-Z]{1,16}\] )?\[?[\w.]{1,64}:\d{1,6}\]? /;

const FAILED = { outcome: 'failure', role: 'attempt' } as const;

const FORMS: readonly MessageForm[] = [
  {
    pattern:
      /^SIP auth failure \([A-Z]{1,16}\) on sofia profile '[^']{0,200}' for \[(?<user>.*)\] from ip (?<peer>\S+)$/s,
    action: 'sip-logon-failed',
    ...FAILED,
  },
  {
    pattern: /^Can't find user \[(?<user>.*)\] from (?<peer>\S+)$/s,
    action: 'sip-account-unknown',
    known: false,
    ...FAILED,
  },
  {
    pattern:
      /^SIP auth challenge \([A-Z]{1,16}\) on sofia profile '[^']{0,200}' for \[(?<user>.*)\] from ip (?<peer>\S+)$/s,
    action: 'sip-challenge-sent',
  },
];

/** @param head FreeSWITCH's own stamp before the text, where it has one */
function parseText(line: LogLine, text: string, head: RegExpExecArray | null): FleetEvent | Unparsed {
  // Other files print what callers send.
  if (head !== null && !head[0].includes('sofia_reg.c:')) return notRelevant(line);
  const message = head === null ? text : text.slice(head[0].length);
  return readForms('freeswitch', FORMS, withEvidence(line, 'spoofable'), message) ?? notRelevant(line);
}

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const match = LINE.exec(raw);
    if (match === null) return undefined;
    const timeMs = timeOf(stream, match.groups ?? {});
    if (timeMs < 0) return undefined;
    return parseText(lineOf(raw, stream, 'freeswitch', timeMs), raw, match);
  };
}

/** A date without a year is read as syslog's is. */
function timeOf({ clock }: StreamContext, { date = '', time = '' }: Record<string, string | undefined>): number {
  if (date.length === 10) return clock.readIso(`${date}T${time}`, 0);
  const month = Object.keys(MONTHS)[Number(date.slice(0, 2)) - 1];
  return month === undefined ? -1 : clock.readBsd(`${month} ${date.slice(3)} ${time}`, 0);
}
