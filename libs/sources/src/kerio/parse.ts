import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { readDayFirstStamp } from '../time/stamps.js';

/** Kerio Connect's security log. */
export const kerio: Source = {
  name: 'kerio',
  programs: [],
  formats: [
    stampedLog({
      name: 'kerio',
      files: ['/opt/kerio/mailserver/store/logs/security.log'],
      begins: '[',
      beginning:
        /^\[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\] (?=Failed |Administration login |Attempt to |Relay attempt |IP address |Client with IP |Message from |SMTP |(?:SMTP|IMAP|POP3|HTTP|LDAP|NNTP|XMPP|Web)[\w/ ]{0,20}: )/,
      time: (clock, raw) => readDayFirstStamp(clock, raw, 1),
      parse: parseKerio,
    }),
  ],
  parse: parseKerio,
};

/** An address; a sentence may end behind it. */
const ADDR = '(?<peer>[0-9A-Fa-f:.]{1,44}[0-9A-Fa-f:])';

/** Names and addresses of mail are the peer's: behind them stands all that follows, to the end. */
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^Failed [\\w/ ]{1,20} login from ${ADDR}(?: with SASL method (?:[\\w-]{1,32}))?\\.?$`),
    action: 'kerio-logon-failed',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: new RegExp(`^[\\w/ ]{1,20}: User (?<user>.*) doesn't exist\\. Attempt from IP address ${ADDR}\\.?$`, 's'),
    action: 'kerio-user-unknown',
    outcome: 'failure',
    role: 'part',
    known: false,
  },
  {
    pattern: new RegExp(
      `^[\\w/ ]{1,20}: Invalid password for user (?<user>.*)\\. Attempt from IP address ${ADDR}\\.?$`,
      's',
    ),
    action: 'kerio-password-refused',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: new RegExp(
      `^Administration login into [\\w ]{1,40} from ${ADDR} failed: (?<reason>IP address not allowed.*)$`,
      's',
    ),
    action: 'kerio-administration-refused',
    outcome: 'failure',
  },
  {
    pattern: new RegExp(`^Administration login into [\\w ]{1,40} from ${ADDR} failed: (?<reason>.*)$`, 's'),
    action: 'kerio-logon-failed',
    outcome: 'failure',
    role: 'part',
  },
  {
    pattern: new RegExp(
      `^(?:SMTP Spam attack detected from|IP address|Client with IP address|Message from IP address|Relay attempt from IP address) ${ADDR}[ ,]`,
    ),
    action: 'smtp-rejected',
    type: TYPE.denied,
  },
  {
    pattern: new RegExp(`^Attempt to deliver to unknown recipient .*, IP address ${ADDR}$`, 's'),
    action: 'smtp-rejected',
    type: TYPE.denied,
  },
];

function parseKerio(line: LogLine): FleetEvent | Unparsed {
  return readForms('kerio', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
