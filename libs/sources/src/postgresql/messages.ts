import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, EventDraft, TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import type { RecentPeers } from '../recent-peers.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import type { Prefix } from './prefix.js';

export const PROGRAM = 'postgres';

/** Methods that ask for a password; the others (peer, ident, cert, gss) guess none. */
const FORMS: readonly MessageForm[] = [
  {
    pattern: /^(?:password|LDAP|PAM|RADIUS|BSD|OAuth bearer) authentication failed for user "(?<user>.*)"$/s,
    action: 'postgresql-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern:
      /^(?:[Ii]dent|[Pp]eer|GSSAPI|SSPI|certificate|Kerberos 5|"trust") authentication failed for user "(?<user>.*)"$/s,
    action: 'postgresql-logon-refused',
    outcome: 'failure',
  },
  {
    pattern: /^authentication failed for user "(?<user>.*)": (?:host rejected|invalid authentication method)$/s,
    action: 'postgresql-logon-refused',
    outcome: 'failure',
  },
  {
    pattern: /^role "(?<user>.*)" is not permitted to log in$/s,
    action: 'postgresql-role-not-permitted',
    outcome: 'failure',
    accountState: 'disabled',
  },
  {
    pattern: /^role "(?<user>.*)" does not exist$/s,
    action: 'postgresql-role-unknown',
    outcome: 'failure',
    known: false,
  },
  {
    pattern:
      /^(?:no pg_hba\.conf entry for|pg_hba\.conf rejects) (?:connection for |replication connection (?:from|for) )?host "(?<peer>[^"\s]*)", user "/,
    action: 'postgresql-connection-denied',
    type: TYPE.denied,
  },
  {
    pattern: /^connection received: host=(?<peer>[^\s[]\S*)(?: port=(?<port>\d+))?$/,
    action: 'postgresql-connection',
    type: TYPE.connection,
  },
  {
    pattern: /^(?:replication )?connection authorized: user=(?<user>\S+)(?: |$)/,
    action: 'postgresql-logon',
    outcome: 'success',
  },
  {
    pattern: /^disconnection: session time: .* host=(?<peer>[^\s[]\S*)(?: port=(?<port>\d+))?$/s,
    action: 'postgresql-disconnected',
    type: TYPE.end,
  },
  { pattern: /^disconnection: session time: /, action: 'postgresql-disconnected', type: TYPE.end },
  {
    pattern:
      /^(?:invalid length of startup packet|incomplete startup packet|could not accept SSL connection: |unsupported frontend protocol )/,
    action: 'postgresql-protocol-error',
    category: CATEGORY.network,
  },
];

/** Of a failure only its connection knows the address: the prefix says it, or the line that told of its beginning. */
export function messageEvent(line: LogLine, prefix: Prefix, peers: RecentPeers | undefined): FleetEvent | Unparsed {
  if (prefix.severity !== 'FATAL' && prefix.severity !== 'LOG') return notRelevant(line);
  const connection = line.pid === undefined ? undefined : `${line.host} ${line.pid}`;
  // What bore this pid before is over, also where the new peer has no address.
  if (connection !== undefined && prefix.text.startsWith('connection received: ')) peers?.end(connection);
  const event = readForms('postgresql', FORMS, line, prefix.text);
  if (event === undefined) return notRelevant(line);
  if (prefix.host !== undefined) setHost(event, prefix);
  if (connection === undefined || peers === undefined) return event;
  peers.place(connection, event);
  if (event['event.action'] === 'postgresql-connection') peers.begin(connection, event);
  if (event['event.action'] === 'postgresql-disconnected') peers.end(connection);
  return event;
}

function setHost(event: FleetEvent, { host = '', port }: Prefix): void {
  const draft = new EventDraft('', '', [], [], undefined);
  setSource(draft, host);
  if (draft.ip === undefined) return;
  event['source.ip'] = draft.ip;
  if (port !== undefined) event['source.port'] = port;
}
