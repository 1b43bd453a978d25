import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { MONTHS } from '../time/wall-clock.js';

/** The log of ASSP, a proxy against spam in front of a server of mail. */
export const assp: Source = {
  name: 'assp',
  programs: [],
  formats: [
    stampedLog({
      name: 'assp',
      files: ['/usr/share/assp/logs/maillog.txt', '/var/log/assp/maillog.txt'],
      begins: 'A',
      beginning: /^[A-Z][a-z]{2}-\d\d-\d\d \d\d:\d\d:\d\d (?=\[|Blocking |(?:m\d+-)?\d{1,12}-\d{1,12} )/,
      time: (clock, raw) =>
        clock.readWall(raw, {
          year: 2000 + numberBetween(raw, 7, 9, 2),
          month: MONTHS[raw.slice(0, 3)] ?? -1,
          day: numberBetween(raw, 4, 6, 2),
          timeStart: 9,
          end: 18,
        }),
      parse: parseAssp,
    }),
  ],
  parse: parseAssp,
};

/** `[ID ][[TAG] ]…ADDR`: all ASSP's own, before anything of the peer's. */
const PEER = String.raw`^(?:(?:m\d{1,4}-)?\d{1,12}-\d{1,12} )?(?:\[[\w-]{1,32}\] ){0,8}(?<peer>[0-9A-Fa-f:.]{2,45})`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(
      `${PEER} \\[SMTP Error\\] 535 (?<reason>.*(?:Invalid authentication mechanism|Connection lost to authentication server|Invalid base64 data.*))$`,
      's',
    ),
    action: 'smtp-logon-broken',
    outcome: 'failure',
  },
  {
    pattern: new RegExp(`${PEER} \\[SMTP Error\\] 535 `),
    action: 'smtp-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(`${PEER} max sender authentication errors \\(\\d{1,6}\\) exceeded `),
    action: 'smtp-connection-failures',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: /^Blocking (?<peer>[0-9A-Fa-f:.]{2,45}) - too much AUTH errors \(\d{1,6}\)/,
    action: 'smtp-too-many-failures',
    outcome: 'failure',
    role: 'summary',
  },
  {
    pattern: new RegExp(`${PEER} (?:SSL negotiation with client failed|<)`),
    action: 'smtp-rejected',
    type: TYPE.denied,
  },
];

/** How many failed: on this connection, or of that address so far. */
const COUNT = /(?:too much AUTH errors|max sender authentication errors) \((\d{1,6})\)/;

function parseAssp(line: LogLine): FleetEvent | Unparsed {
  const event = readForms('assp', FORMS, line);
  if (event === undefined) return notRelevant(line);
  const isCount =
    event['event.action'] === 'smtp-too-many-failures' || event['event.action'] === 'smtp-connection-failures';
  if (isCount) event['fleetwall.attempt.count'] = Number(COUNT.exec(line.message)?.[1]);
  return event;
}
