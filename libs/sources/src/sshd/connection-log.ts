import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, type Unparsed, unknownMessage } from '../source.js';
import { readAddressAtStart, readConnectionId, readFromAtEnd } from './remote.js';

/**
 * Lines about a connection: scans, ends, penalties. Nobody's logon failed in them, with three exceptions that say so.
 * `text` is the message without `error: `, `fatal: ` and ` [preauth]`.
 *
 * Source: packet.c (sshpkt_vfatal, ssh_packet_disconnect, ssh_packet_read_poll2), kex.c, sshd.c, srclimit.c.
 */

const scan = (action: string) => plainDraft('sshd', action, CATEGORY.network, TYPE.info);
const end = (action: string) => plainDraft('sshd', action, CATEGORY.network, TYPE.end);

/** `Connection closed by ID`, `Connection reset by ID`, `Connection from ADDR port N on …`, `Connection to ID timed out`. */
export function parseConnection(line: LogLine, text: string): FleetEvent | Unparsed {
  if (text.startsWith('closed by ', 11)) return idLine(line, text, 21, text.length, 'ssh-connection-closed');
  if (text.startsWith('reset by ', 11)) return idLine(line, text, 20, text.length, 'ssh-connection-reset');
  if (text.startsWith('from ', 11)) {
    const draft = plainDraft('sshd', 'ssh-connection', CATEGORY.network, TYPE.connection);
    readAddressAtStart(draft, text, 16);
    return draft.finish(line);
  }
  if (text.startsWith('to ', 11) && text.endsWith(' timed out')) {
    return idLine(line, text, 14, text.length - 10, 'ssh-connection-timeout');
  }
  return unknownMessage(line);
}

/** A line that holds a connection's id in exactly `text[start..stop)`; without one it stands without an address. */
function idLine(line: LogLine, text: string, start: number, stop: number, action: string): FleetEvent {
  const draft = end(action);
  readConnectionId(draft, text, start, stop);
  return draft.finish(line);
}

/** `Disconnected from ID`. */
export function parseDisconnected(line: LogLine, text: string): FleetEvent {
  return idLine(line, text, 18, text.length, 'ssh-disconnected');
}

/** `Disconnecting[ ID]: REASON`, where REASON may quote user names. */
export function parseDisconnecting(line: LogLine, text: string): FleetEvent {
  const colon = text.indexOf(': ');
  const portAt = text.indexOf(' port ');
  const onlyPort = colon !== 13 && portAt >= 0 && text.lastIndexOf(' port ') === portAt;
  const reasonAt = onlyPort ? text.indexOf(': ', portAt) : colon === 13 ? colon : -1;
  const reason = reasonAt < 0 ? '' : text.slice(reasonAt + 2);
  const draft = disconnectingDraft(reason);
  if (onlyPort) readConnectionId(draft, text, 14, reasonAt < 0 ? text.length : reasonAt);
  if (reason !== '') draft.reason = reason;
  return draft.finish(line);
}

function disconnectingDraft(reason: string): EventDraft {
  if (reason.startsWith('Too many authentication failures')) {
    const draft = failedLogon('sshd', 'ssh-too-many-failures');
    if (reason.startsWith(' for ', 32)) draft.user = reason.slice(37);
    draft.role = 'summary';
    return draft;
  }
  if (reason.startsWith('Change of username or service not allowed')) {
    const draft = failedLogon('sshd', 'ssh-user-changed');
    draft.role = 'part';
    return draft;
  }
  return end('ssh-disconnecting');
}

/** `Received disconnect from ADDR port N:CODE: TEXT`, TEXT being the peer's own. */
export function parseReceivedDisconnect(line: LogLine, text: string): FleetEvent {
  // Code 3 with this text is how JSch, the library of many guessing tools, ends a refused logon.
  const refused = /: ?3: .*: Auth fail$/s.test(text.slice(25, 600));
  const draft = refused ? failedLogon('sshd', 'ssh-auth-fail-reported') : end('ssh-disconnected');
  readAddressAtStart(draft, text, 25);
  if (refused) draft.role = 'part';
  return draft.finish(line);
}

/** Lines whose address stands before anything the peer wrote. */
const ADDRESS_FIRST: readonly (readonly [prefix: string, action: string])[] = [
  ['Did not receive identification string from ', 'ssh-no-identification'],
  ['Unable to negotiate with ', 'ssh-no-common-algorithm'],
  ['Protocol major versions differ for ', 'ssh-bad-protocol'],
  ['Timeout before authentication for connection from ', 'ssh-auth-timeout'],
  ['Timeout before authentication for ', 'ssh-auth-timeout'],
  ['banner exchange: Connection from ', 'ssh-bad-protocol'],
  ['ssh_dispatch_run_fatal: Connection from ', 'ssh-protocol-error'],
  ['ssh_dispatch_run_fatal: Connection to ', 'ssh-protocol-error'],
  ['Read error from remote host ', 'ssh-connection-reset'],
  ['Address ', 'ssh-reverse-name-mismatch'],
];

/** Lines that end with ` from ADDR[ port N]`. */
const ADDRESS_LAST: readonly (readonly [prefix: string, action: string])[] = [
  ['Bad protocol version identification ', 'ssh-bad-protocol'],
  ['Magic value check failed ', 'ssh-bad-protocol'],
  ['Did not receive identification string', 'ssh-no-identification'],
];

/** Lines about a connection that name nobody. */
const NO_ADDRESS: readonly (readonly [prefix: string, action: string])[] = [
  ['kex_exchange_identification: ', 'ssh-bad-protocol'],
  ['kex_protocol_error: ', 'ssh-bad-protocol'],
  ['ssh_dispatch_run_fatal: ', 'ssh-protocol-error'],
  ['Unable to negotiate a ', 'ssh-no-common-algorithm'],
  ['no matching ', 'ssh-no-common-algorithm'],
  ['no hostkey alg', 'ssh-no-common-algorithm'],
  ['Bad packet length ', 'ssh-protocol-error'],
  ['Corrupted MAC on input', 'ssh-protocol-error'],
  ['Read from socket failed: ', 'ssh-connection-reset'],
  ['Write failed: ', 'ssh-connection-reset'],
  ['Timeout before authentication', 'ssh-auth-timeout'],
];

/** Everything else that is known about connections; undefined when the text is none of it. */
export function parseOtherConnection(line: LogLine, text: string): FleetEvent | undefined {
  if (text.startsWith('drop connection #') || text.startsWith('srclimit_penalise: ')) return parseDropped(line, text);
  if (text.startsWith('reverse mapping checking getaddrinfo for ')) return parseReverseMapping(line, text);
  for (const [prefix, action] of ADDRESS_FIRST) {
    if (!text.startsWith(prefix)) continue;
    const draft = scan(action);
    readAddressAtStart(draft, text, prefix.length);
    return draft.finish(line);
  }
  for (const [prefix, action] of ADDRESS_LAST) {
    if (!text.startsWith(prefix)) continue;
    const draft = scan(action);
    readFromAtEnd(draft, text, text.length);
    return draft.finish(line);
  }
  for (const [prefix, action] of NO_ADDRESS) {
    if (text.startsWith(prefix)) return scan(action).finish(line);
  }
  return undefined;
}

const DROPPED = /^drop connection #\d+ from \[([0-9A-Fa-f:.]+)\]:(\d{1,5}) on \[/;

/** `drop connection #N from [ADDR]:PORT on [ADDR]:PORT past MaxStartups` or `penalty: …` (OpenSSH 9.8 and later). */
function parseDropped(line: LogLine, text: string): FleetEvent {
  const draft = plainDraft('sshd', 'ssh-connection-dropped', CATEGORY.network, TYPE.denied);
  const match = DROPPED.exec(text);
  if (match === null) return draft.finish(line);
  setSource(draft, match[1] as string);
  draft.port = numberBetween(match[2] as string, 0, (match[2] as string).length, 5);
  return draft.finish(line);
}

/** `reverse mapping checking getaddrinfo for NAME [ADDR] failed`: NAME is what the peer's own zone says. */
function parseReverseMapping(line: LogLine, text: string): FleetEvent {
  const draft = scan('ssh-reverse-name-mismatch');
  const match = /^\S+ \[([0-9A-Fa-f:.]+)\] failed/.exec(text.slice(41, 700));
  if (match !== null) setSource(draft, match[1] as string);
  return draft.finish(line);
}

/** Beginnings of lines that tell nothing about who tried to log on. */
const NOT_RELEVANT = [
  'Postponed ',
  'input_userauth_request: ',
  'Server listening on ',
  'Received signal ',
  'Received SIGHUP',
  'Exiting on signal ',
  'Starting session: ',
  'Close session: ',
  'Closing connection to ',
  'Transferred: ',
  'subsystem request for ',
  'User child is on pid ',
  'debug',
  'Could not ',
  'Authentication refused: ',
  'Authentication tried for ',
  'Set /proc/self/oom_score_adj',
  'Changed root directory to ',
  'session opened for local user ',
  'session closed for local user ',
  'beginning MaxStartups throttling',
  'exited MaxStartups throttling',
  'Nasty PTR record ',
  'rexec line ',
  'Deprecated option ',
  'Bind to port ',
  'Cannot bind any address',
  'PAM service(',
  'PAM: pam_',
  'mm_',
  'monitor_read: ',
  'chan_',
  'channel ',
  'connect_to ',
  'lastlog_',
  'Address family',
];

export function isNotRelevant(text: string): boolean {
  return NOT_RELEVANT.some((prefix) => text.startsWith(prefix));
}
