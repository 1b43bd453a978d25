import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { RecentPeers } from '../recent-peers.js';
import { isUnparsed, type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * dropbear, the SSH server of small devices. Before 0.5x its messages begin with small letters.
 *
 * Peers end the line, `from ADDR:PORT`, where they are told at all; 2022.83 leaves them out for a user that does not exist,
 * and then it is that of the process' connection. A name that does not exist is not printed.
 *
 * Source: svr-auth.c, svr-authpasswd.c, svr-authpam.c, svr-authpubkey.c, svr-session.c of dropbear 0.44 to 2025.
 */
export const dropbear: Source = {
  name: 'dropbear',
  programs: ['dropbear'],
  parse,
  open: () => {
    const peers = new RecentPeers();
    return (line) => place(parse(line), line, peers);
  },
};

/** The end of a connection says how many tries there were, also of those that had no line. */
const SUMMARY = { action: 'ssh-too-many-failures', outcome: 'failure', role: 'summary' } as const;

const FORMS: readonly MessageForm[] = [
  {
    pattern: /^[Bb]ad (?:PAM )?password attempt for '(?<user>.*)' from (?<peer>\S+):(?<port>\d+)$/s,
    action: 'ssh-logon-failed',
    outcome: 'failure',
    role: 'attempt',
    method: 'password',
  },
  {
    pattern: /^[Ll]ogin attempt for nonexistent user(?:(?: '(?<user>.*)')? from (?<peer>\S+):(?<port>\d+))?$/s,
    action: 'ssh-invalid-user',
    outcome: 'failure',
    role: 'attempt',
    known: false,
  },
  {
    pattern: /^[Ll]ogin attempt with wrong user (?<user>.*) from (?<peer>\S+):(?<port>\d+)$/s,
    action: 'ssh-user-changed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: /^(?:PAM )?[Pp]assword auth succeeded for '(?<user>.*)' from (?<peer>\S+):(?<port>\d+)$/s,
    action: 'ssh-logon',
    outcome: 'success',
    method: 'password',
  },
  {
    pattern:
      /^[Pp]ubkey auth succeeded for '(?<user>.*)' with (?:ssh-\S+ )?key .{1,200} from (?<peer>\S+):(?<port>\d+)$/s,
    action: 'ssh-logon',
    outcome: 'success',
    method: 'publickey',
  },
  {
    pattern: /^[Aa]uth succeeded with blank password for '(?<user>.*)' from (?<peer>\S+):(?<port>\d+)$/s,
    action: 'ssh-logon',
    outcome: 'success',
    method: 'none',
  },
  { pattern: /^[Cc]hild connection from (?<peer>\S+):(?<port>\d+)$/, action: 'ssh-connection', type: TYPE.connection },
  {
    pattern:
      /^[Ee]xit before auth \(user '(?<user>.*)', (?<count>\d{1,6}) fails\): Max auth tries reached - user '.{0,400}' from (?<peer>\S+):(?<port>\d+)$/s,
    ...SUMMARY,
  },
  {
    pattern:
      /^[Ee]xit before auth from <(?<peer>[^>\s]+):(?<port>\d+)>: \(user '(?<user>.*)', (?<count>\d{1,6}) fails\): Max auth tries reached - user '/s,
    ...SUMMARY,
  },
  {
    pattern: /^[Ee]xit before auth from <(?<peer>[^>\s]+):(?<port>\d+)>: /,
    action: 'ssh-connection-closed',
    type: TYPE.end,
  },
  {
    pattern: /^[Uu]ser '(?<user>.*)' has (?<reason>invalid shell, rejected|blank password, rejected)$/s,
    action: 'ssh-user-not-allowed',
    outcome: 'failure',
  },
];

/** Ends, starts, and what tells of nobody's logon. */
const NOT_RELEVANT =
  /^(?:[Ee]xit |[Ee]arly exit|[Rr]oot login rejected|[Rr]unning in |[Ii]mproper ownership|[Nn]ot backgrounding|[Ff]ailed |[Pp]remature |[Tt]erminated)/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const event = readForms('dropbear', FORMS, line);
  if (event !== undefined) return event;
  return NOT_RELEVANT.test(line.message) ? notRelevant(line) : unknownMessage(line);
}

/** One process has one connection, from `Child connection from` to `Exit`. */
function place(event: FleetEvent | Unparsed, line: LogLine, peers: RecentPeers): FleetEvent | Unparsed {
  if (line.pid === undefined) return event;
  const connection = `${line.host} ${line.pid}`;
  if (isUnparsed(event)) {
    if (/^[Ee]xit /.test(line.message)) peers.end(connection);
    return event;
  }
  if (event['event.action'] === 'ssh-connection') peers.begin(connection, event);
  const placed = peers.place(connection, event);
  if (event['event.action'] === 'ssh-connection-closed') peers.end(connection);
  return placed;
}
