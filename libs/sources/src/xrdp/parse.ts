import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** `[20261101-12:00:00] [INFO ] TEXT`; from 0.9.18 `[2026-11-01T12:00:00.123+0000] [INFO ] TEXT`. */
const LINE =
  /^\[(?:(?<short>\d{8})-(?<time>\d\d:\d\d:\d\d)|(?<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:[+-]\d{4}|Z)?))\] \[(?:CORE|ERROR|WARN|INFO|DEBUG|TRACE) *\] /;

/**
 * xrdp, the remote desktop server of Linux: its session manager's log, and both through syslog.
 *
 * Source: sesman/auth.c, sesman/scp_process.c, sesman/session.c, xrdp/xrdp_listen.c, common/log.c of 0.9 to 0.10.
 */
export const xrdp: Source = {
  name: 'xrdp',
  programs: ['xrdp', 'xrdp-sesman'],
  formats: [
    stampedLog({
      name: 'xrdp',
      files: ['/var/log/xrdp.log', '/var/log/xrdp-sesman.log', '/var/log/xrdp/*.log'],
      begins: '[',
      beginning: LINE,
      time: (clock, _, { groups = {} }) => clock.readIso(isoOf(groups), 0),
      parse: (line) => parseText(line, line.message),
    }),
  ],
  parse: (line) => parseText(line, line.message.replace(LEVEL, '')),
};

const LEVEL = /^\[(?:CORE|ERROR|WARN|INFO|DEBUG|TRACE) *\] /;

const FORMS: readonly MessageForm[] = [
  {
    pattern: /^AUTHFAIL: user=(?<user>.*) ip=(?<peer>\S+) time=\d+$/s,
    action: 'rdp-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern:
      /^\+\+ (?:created|reconnected) session \(access granted\): username (?<user>\S+), ip (?<peer>[0-9A-Fa-f.:]+):(?<port>\d{1,5}) - socket: \d+/,
    action: 'rdp-logon',
    outcome: 'success',
  },
  {
    pattern: /^Socket \d+: AF_INET6? connection received from (?<peer>[0-9A-Fa-f.:]+) port (?<port>\d{1,5})$/,
    action: 'rdp-connection',
    type: TYPE.connection,
  },
];

function parseText(line: LogLine, text: string): FleetEvent | Unparsed {
  return readForms('xrdp', FORMS, line, text) ?? notRelevant(line);
}

function isoOf({ short, time, iso = '' }: Record<string, string | undefined>): string {
  return short === undefined ? iso : `${short.slice(0, 4)}-${short.slice(4, 6)}-${short.slice(6)}T${time}`;
}
