import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { digitsEnd, numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';

/**
 * What a fail2ban that still runs on the host found and banned, from its own log or through syslog.
 *
 * `LEVEL [JAIL] Ban ADDR`. fail2ban took the address out of other programs' lines by expressions of its own, which have
 * been fooled before: so all of it is `unauthenticated`, to be seen and counted, never to block by itself. It tells of no
 * try to log on either: the lines that it was made from are read here, too.
 *
 * Source: fail2ban/server/actions.py, filter.py, jail.py, observer.py of 0.8 to 1.1.
 */
export const fail2ban: Source = {
  name: 'fail2ban',
  addressFirst: true,
  programs: ['fail2ban', 'fail2ban-server', 'fail2ban.actions', 'fail2ban.filter', 'fail2ban.observer'],
  formats: [
    {
      name: 'fail2ban',
      files: ['/var/log/fail2ban.log'],
      begins: '0',
      recognises: (raw) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} fail2ban\.[a-z]+ *\[\d+\]: [A-Z]+ /.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse,
};

const JAIL = /^(?:[A-Z]{4,8} +)?\[([^\]]{1,100})\] /;
const MODULE = 'fail2ban';
const category = CATEGORY.intrusionDetection;

const FORMS: readonly MessageForm[] = [
  { pattern: /^(?:Restore )?Ban (?<peer>\S+)$/, action: 'peer-banned', category, type: TYPE.denied },
  { pattern: /^Increase Ban (?<peer>\S+) \(\d+ # /, action: 'peer-banned', category, type: TYPE.denied },
  { pattern: /^Unban (?<peer>\S+)$/, action: 'peer-unbanned', category, type: TYPE.info },
  { pattern: /^Found (?<peer>\S+)(?: - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?$/, action: 'peer-found', category },
];

function parse(line: LogLine): FleetEvent | Unparsed {
  const jail = JAIL.exec(line.message);
  if (jail === null) return notRelevant(line);
  const text = line.message.slice(jail[0].length).trimEnd();
  const event = readForms(MODULE, FORMS, withEvidence(line, 'unauthenticated'), text);
  if (event === undefined) return notRelevant(line);
  event['rule.name'] = jail[1] as string;
  return event;
}

/** `2026-11-01 12:00:00,123 fail2ban.actions        [123]: NOTICE  [sshd] Ban 198.51.100.7`. */
function open(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!raw.startsWith('fail2ban.', 24)) return undefined;
    const timeMs = readDatedStamp(stream.clock, raw, 0);
    const open = raw.indexOf('[', 24);
    const close = digitsEnd(raw, open + 1);
    if (timeMs < 0 || open < 0 || !raw.startsWith(']: ', close)) return undefined;
    const line = lineOf(raw, stream, raw.slice(24, open).trimEnd(), timeMs, raw.slice(close + 3));
    line.pid = numberBetween(raw, open + 1, close);
    return parse(line);
  };
}
