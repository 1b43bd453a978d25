import type { FleetEvent } from '@fleetwall/core';
import { type LogLine, notRelevant, type Source, type Unparsed, withMemory } from '../source.js';
import { readAccess } from '../web-access/access-record.js';
import { Visitors } from '../web-access/visitors.js';

/**
 * HAProxy's requests, `option httplog`: `ADDR:PORT [STAMP] FRONTEND BACKEND/SERVER TIMERS STATUS … "METHOD TARGET VERSION"`. It
 * logs no user names, so of its lines only a form tells of a logon. The address is that of the connection, or of the PROXY
 * protocol where a `bind` line accepts that. Source: docs configuration.txt 8.2.3; quotes and braces in what the client sent
 * are written as `#22` and the like.
 */
export const haproxy: Source = {
  name: 'haproxy',
  programs: ['haproxy'],
  ...withMemory(() => new Visitors(), parse),
};

const HEAD =
  /^([0-9A-Fa-f:.]{2,45}):\d{1,5} \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] \S{1,255} \S{1,255} [-+\d/]{5,80} (-?\d{1,3}) /;

function parse(line: LogLine, visitors?: Visitors): FleetEvent | Unparsed {
  const { message } = line;
  const code = message.charCodeAt(0);
  // Its own news (`Proxy x started.`) begins with a word.
  const head = code <= 58 || (code >= 97 && code <= 102) ? HEAD.exec(message.slice(0, 900)) : null;
  const quote = head === null ? -1 : message.indexOf(' "', head[0].length);
  if (head === null || quote < 0 || !message.endsWith('"')) return notRelevant(line);
  const [method = '', target = ''] = message.slice(quote + 2, -1).split(' ', 2);
  const record = { client: head[1] as string, user: undefined, method, target, status: Number(head[2]) };
  return readAccess(line, 'haproxy', record, visitors);
}
