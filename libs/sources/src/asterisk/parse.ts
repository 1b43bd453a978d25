import type { FleetEvent } from '@fleetwall/core';
import { BrokenName } from '../broken-name.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { MAX_MESSAGE, withEvidence } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { noticeEvent } from './notices.js';
import { securityEvent } from './security-event.js';

/**
 * Asterisk 1.4 to 22: its log files (`messages`, `full`, `security`) and the same through syslog. One refused logon is often
 * told of twice, by the channel driver and as a security event: both are parts of it (`service.type` asterisk).
 *
 * SIP goes mostly over UDP, where anyone can write any address: such events are `spoofable`, and so are those that do not
 * say how the packet came.
 *
 * Source: main/logger.c (format_log_default), channels/chan_sip.c, chan_iax2.c, res/res_pjsip/pjsip_distributor.c,
 * res/res_pjsip_session.c, main/manager.c, res/res_security_log.c.
 */
export const asterisk: Source = {
  name: 'asterisk',
  programs: ['asterisk'],
  formats: [
    {
      name: 'asterisk',
      files: ['/var/log/asterisk/messages*', '/var/log/asterisk/full', '/var/log/asterisk/security*'],
      begins: '[',
      recognises: (raw) => raw.startsWith('[') && LINE.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => parseText(line, line.message.replace(LEVEL, '')),
};

/** `[Nov  1 12:00:00] NOTICE[1234][C-00000001]: file.c:10 function: TEXT`; the stamp is `dateformat`'s, the colon Asterisk 12's. */
const LINE =
  /^\[(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(?: ?[+-]\d{4})?\] (?:NOTICE|WARNING|SECURITY|ERROR|VERBOSE|DEBUG|DTMF)\[\d{1,10}\]/;
const LEVEL = /^(?:NOTICE|WARNING|SECURITY|ERROR)(?:\[\d{1,10}\])?(?:\[C-[0-9a-f]{1,16}\])?:? /;
/** `chan_sip.c: `, `res_pjsip_session.c:2337 new_invite: `; `Ext. s: ` is the dialplan's, which may print anything. */
const PLACE = /^(?:([\w/.-]{1,64}\.c):(?:\d{1,6}(?: (?:in )?[\w@.-]{1,64}:)?)? +|Ext\. [\w-]{1,16}: )/;

function parseText(line: LogLine, afterLevel: string): FleetEvent | Unparsed {
  const place = PLACE.exec(afterLevel);
  if (place === null || afterLevel.length > MAX_MESSAGE) return notRelevant(line);
  const file = place[1] ?? '';
  const text = afterLevel.slice(place[0].length);
  const event = file === 'res_security_log.c' ? securityEvent(line, text) : noticeEvent(line, file, text);
  return event ?? notRelevant(line);
}

/** The largest UDP packet. */
const MAX_PACKET = 65_535;
const PROGRAM = 'asterisk';

function open(stream: StreamContext): FormatReader {
  // `sip set debug on` prints packets as they came: every line of one is the peer's.
  const packet = new BrokenName(MAX_PACKET);
  return (raw) => {
    const isPacket = packet.mayHold(raw);
    const timeMs = raw.startsWith('[') && LINE.test(raw) ? timeOf(stream, raw) : -1;
    if (timeMs < 0) return isPacket ? { unparsed: 'not-relevant', program: PROGRAM } : undefined;
    if (raw.includes('<--- ')) packet.begin();
    const line = lineOf(raw, stream, PROGRAM, timeMs, raw.slice(raw.indexOf(']') + 2));
    const afterLevel = line.message.replace(LEVEL, '');
    if (afterLevel === line.message) return notRelevant(line);
    return parseText(isPacket ? withEvidence(line, 'spoofable') : line, afterLevel);
  };
}

function timeOf({ clock }: StreamContext, raw: string): number {
  return raw.charCodeAt(1) <= 57 ? readDatedStamp(clock, raw, 1) : clock.readBsd(raw, 1);
}
