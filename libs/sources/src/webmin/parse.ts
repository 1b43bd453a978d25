import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { digitsEnd, numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/**
 * Webmin and Usermin: miniserv's lines through syslog, and their log of actions. Both tell of the same tries.
 *
 * Source: webmin miniserv.pl (syslog calls of handle_login), web-lib-funcs.pl (webmin_log).
 */
export const webmin: Source = {
  name: 'webmin',
  programs: ['webmin', 'usermin', 'miniserv.pl'],
  formats: [
    stampedLog({
      name: 'webmin',
      program: 'miniserv.pl',
      files: ['/var/webmin/webmin.log', '/var/usermin/usermin.log', '/var/log/webmin/webmin.log'],
      begins: '0',
      // `TIME.PID.NUMBER [DATE] USER SESSION ADDR MODULE SCRIPT "ACTION" "TYPE" "OBJECT"…`
      beginning: /^\d{9,11}\.\d+\.\d+ \[\d{1,2}\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\] /,
      time: (clock, raw) => clock.at(numberBetween(raw, 0, digitsEnd(raw, 0), 11) * 1000),
      parse: (line) => readForms('webmin', ACTION_FORMS, line, line.message, SERVICE) ?? notRelevant(line),
    }),
  ],
  parse,
};

const SERVICE = { service: 'webmin' };

const SYSLOG_FORMS: readonly MessageForm[] = [
  {
    pattern: /^Invalid login as (?<user>.*) from (?<peer>\S+)$/s,
    action: 'webmin-logon-failed',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: /^Non-existent login as (?<user>.*) from (?<peer>\S+)$/s,
    action: 'webmin-logon-failed',
    outcome: 'failure',
    role: 'part',
    known: false,
  },
  {
    pattern: /^Expired login as (?<user>.*) from (?<peer>\S+)$/s,
    action: 'webmin-account-expired',
    outcome: 'failure',
    known: true,
    accountState: 'expired',
  },
  { pattern: /^Successful login as (?<user>.*) from (?<peer>\S+)$/s, action: 'webmin-logon', outcome: 'success' },
  {
    pattern: /^Logout by (?<user>.*) from (?<peer>\S+)$/s,
    action: 'webmin-logout',
    category: CATEGORY.session,
    type: TYPE.end,
  },
  {
    pattern: /^Security alert: Host (?<peer>\S+) blocked after \d+ failed logins/,
    action: 'webmin-peer-blocked',
    type: TYPE.denied,
  },
];

function parse(line: LogLine): FleetEvent | Unparsed {
  const event = readForms('webmin', SYSLOG_FORMS, line, line.message, SERVICE);
  if (event !== undefined) return event;
  return /^(?:Timeout of|Webmin|Usermin|Security alert: User) /.test(line.message)
    ? notRelevant(line)
    : unknownMessage(line);
}

const ACTION_FORMS: readonly MessageForm[] = [
  {
    pattern: /^(?<user>.*) \S+ (?<peer>\S+) \S+ miniserv\.pl "failed" "-" "(?<reason>[^"]*)"$/s,
    action: 'webmin-logon-refused',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: /^(?<user>.*) \S+ (?<peer>\S+) \S+ miniserv\.pl "login" "-" "[^"]*"$/s,
    action: 'webmin-logon',
    outcome: 'success',
  },
];
