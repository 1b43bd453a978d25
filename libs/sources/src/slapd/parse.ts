import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { MAX_MESSAGE } from '../message-forms.js';
import { RecentPeers } from '../recent-peers.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, withMemory } from '../source.js';

/**
 * OpenLDAP's slapd (`loglevel stats`). A bind is told of in three lines: `conn=N … ACCEPT from IP=ADDR:PORT`, `conn=N op=M
 * BIND dn="DN" method=128`, `conn=N op=M RESULT tag=97 err=49 …`. The event is made of the last; what the others said is
 * remembered by `conn`, and a RESULT whose BIND nobody saw stands without account, or without address.
 *
 * Source: servers/slapd/connection.c, bind.c, result.c.
 */
export const slapd: Source = {
  name: 'slapd',
  programs: ['slapd'],
  ...withMemory<Memory>(() => ({ peers: new RecentPeers(), binds: new Map() }), parse),
};

interface Memory {
  peers: RecentPeers;
  /** Connection and operation to the name that was tried. */
  binds: Map<string, string>;
}

const MAX_BINDS = 10_000;
const ACCEPT = /^conn=(\d+) fd=\d+ ACCEPT from (?:IP=(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+)):(\d{1,5}) )?/;
/** The name may hold anything that a DN can; what follows it is slapd's. */
const BIND = /^conn=(\d+) op=(\d+) BIND dn="(.*)" method=\d+$/s;
const RESULT = /^conn=(\d+) op=(\d+) RESULT tag=97 err=(\d+) /;
const CLOSED = /^conn=(\d+) fd=\d+ closed/;

const SUCCESS = 0;
const INVALID_CREDENTIALS = 49;

function parse(line: LogLine, memory: Memory | undefined): FleetEvent | Unparsed {
  // With `olcLogFileFormat` or on standard error a stamp of its own comes first.
  const text = line.message.replace(/^[0-9a-f]{8}(?:\.[0-9a-f]{1,8} 0x[0-9a-f]{1,16})? /, '');
  if (!text.startsWith('conn=') || text.length > MAX_MESSAGE) return notRelevant(line);
  const accept = ACCEPT.exec(text);
  if (accept !== null) return acceptEvent(line, accept, memory);
  const bind = BIND.exec(text);
  if (bind !== null) return rememberBind(line, bind, memory);
  const result = RESULT.exec(text);
  if (result !== null) return resultEvent(line, result, memory);
  const closed = CLOSED.exec(text);
  if (closed !== null) memory?.peers.end(connectionOf(line, closed[1] as string));
  return notRelevant(line);
}

/** Servers count their connections by themselves, and a stream may hold the lines of several. */
function connectionOf(line: LogLine, number: string): string {
  return `${line.host} ${line.pid ?? ''} ${number}`;
}

function acceptEvent(line: LogLine, match: RegExpExecArray, memory: Memory | undefined): FleetEvent | Unparsed {
  const [, number = '', ipv6, ipv4, port = ''] = match;
  const connection = connectionOf(line, number);
  memory?.peers.end(connection);
  const address = ipv6 ?? ipv4;
  if (address === undefined) return notRelevant(line);
  const draft = plainDraft('slapd', 'ldap-connection', CATEGORY.network, TYPE.connection);
  setSource(draft, address);
  draft.port = numberBetween(port, 0, port.length, 5);
  const event = draft.finish(line);
  memory?.peers.begin(connection, event);
  return event;
}

function rememberBind(line: LogLine, match: RegExpExecArray, memory: Memory | undefined): Unparsed {
  const [, connection = '', operation = '', name = ''] = match;
  const binds = memory?.binds;
  if (binds !== undefined) {
    if (binds.size >= MAX_BINDS) binds.clear();
    binds.set(`${connectionOf(line, connection)} ${operation}`, name);
  }
  return notRelevant(line);
}

function resultEvent(line: LogLine, match: RegExpExecArray, memory: Memory | undefined): FleetEvent | Unparsed {
  const [, number = '', operation = '', code = ''] = match;
  const connection = connectionOf(line, number);
  const key = `${connection} ${operation}`;
  const name = memory?.binds.get(key);
  memory?.binds.delete(key);
  const failed = Number(code) === INVALID_CREDENTIALS;
  // Without a name anybody may bind: nobody logged on.
  if (!failed && (Number(code) !== SUCCESS || name === undefined || name === '')) return notRelevant(line);
  const draft = failed ? failedLogon('slapd', 'ldap-bind-failed') : logon('slapd', 'ldap-bind');
  if (failed) draft.role = 'attempt';
  draft.user = name;
  const event = draft.finish(line);
  return memory === undefined ? event : memory.peers.place(connection, event);
}
