import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { clientOf } from '../proxy/client-of.js';
import type { TrustedProxies } from '../proxy/trusted-proxies.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

const PROGRAM = 'guacamole';

/**
 * Apache Guacamole's log, in Tomcat's: `[2026-11-22T]07:00:00.123[Z] [THREAD] WARN  o.a.g.r.auth.AuthenticationService - MESSAGE`.
 * Without a date the time is the present one. Source: AuthenticationService.java (getLoggableAddress).
 */
const ownLog: LogFormat = {
  name: 'Guacamole log',
  files: ['/var/log/tomcat*/catalina.out', '/var/log/guacamole/*.log'],
  recognises: (raw) => HEAD.test(raw.slice(0, 300)),
  open: openOwnLog,
};

const HEAD =
  /^(\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d[.,]\d{3}Z? \[[\w .:-]{1,128}\] (?:ERROR|WARN|INFO|DEBUG|TRACE) {1,2}o(?:rg)?\.a(?:pache)?\.g(?:uacamole)?\.[\w.]{1,128} - /;

export const guacamole: Source = { name: PROGRAM, programs: [], formats: [ownLog], parse: unknownMessage };

function openOwnLog(stream: StreamContext): FormatReader {
  return (raw) => {
    const head = HEAD.exec(raw.slice(0, 300));
    if (head === null) return undefined;
    const timeMs = head[1] === undefined ? stream.presentMs() : stream.clock.readIso(raw, 0);
    if (timeMs < 0) return undefined;
    return parseMessage(lineOf(raw, stream, PROGRAM, timeMs), raw.slice(head[0].length));
  };
}

const FAILED =
  /^Authentication attempt from (?:([0-9A-Fa-f:.]{2,45})|\[([0-9A-Fa-f:., ]{2,4096})\]) for user "(.*)" failed\.$/s;
const LET_IN =
  /^User "([^"]{1,255})" successfully authenticated from (?:([0-9A-Fa-f:.]{2,45})|\[([0-9A-Fa-f:., ]{2,4096})\])\.$/;

function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  const failed = FAILED.exec(text);
  if (failed !== null) {
    const draft = failedLogon('guacamole', 'guacamole-logon-failed');
    draft.role = 'part';
    return finish(line, draft, failed[3], clientIn(failed[1], failed[2], line.trustedProxies));
  }
  const letIn = LET_IN.exec(text);
  if (letIn === null) return notRelevant(line);
  return finish(
    line,
    logon('guacamole', 'guacamole-logon'),
    letIn[1],
    clientIn(letIn[2], letIn[3], line.trustedProxies),
  );
}

function finish(line: LogLine, draft: EventDraft, user: string | undefined, client: string | undefined): FleetEvent {
  draft.user = user;
  if (client !== undefined) setSource(draft, client);
  return finishHttp(draft, line);
}

/** `ADDR`, or in brackets what `X-Forwarded-For` said and then the peer. */
function clientIn(alone: string | undefined, list: string | undefined, trusted: TrustedProxies | undefined) {
  if (alone !== undefined) return canonicalAddress(alone);
  const comma = list?.lastIndexOf(', ') ?? -1;
  if (list === undefined || comma < 0) return undefined;
  const peer = canonicalAddress(list.slice(comma + 2));
  return peer === undefined ? undefined : clientOf(peer, list.slice(0, comma), trusted);
}
