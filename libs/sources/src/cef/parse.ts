import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, EventDraft, TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { withEvidence } from '../message-forms.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, type Source, type Unparsed, unknownMessage } from '../source.js';
import { logonOf } from './logons.js';
import { type CefRecord, readCef, readLeef } from './record.js';

/**
 * CEF (ArcSight) and LEEF (QRadar), in which devices and products of others report through syslog, whatever program their
 * syslog header names. What they saw, this host did not: a logon weighs as much as the stream that it came by, everything
 * else is `spoofable`, and a record in another program's message is nobody's word.
 */
export const cef: Source = {
  name: 'cef',
  programs: ['CEF', 'LEEF'],
  prefixes: ['CEF:', 'LEEF:'],
  formats: [{ name: 'cef', recognises: (raw) => RAW.test(raw), open } satisfies LogFormat],
  parse,
};

const RAW = /^(?:CEF: ?[01]\||LEEF: ?[12]\.0\|)/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const mark = /^(CEF|LEEF): ?/.exec(line.message);
  const kind = mark?.[1] ?? line.program;
  const text = mark === null ? line.message : line.message.slice(mark[0].length);
  const record = kind === 'LEEF' ? readLeef(text) : readCef(text);
  if (record === undefined) return unknownMessage(line);
  return recordEvent(isOwnProgram(line) ? line : withEvidence(line, 'unauthenticated'), record);
}

/** The header itself led to the record, or there was no other program: nobody's message was taken for one. */
function isOwnProgram({ program }: LogLine): boolean {
  return program === 'CEF' || program === 'LEEF';
}

function recordEvent(line: LogLine, record: CefRecord): FleetEvent {
  const { fields } = record;
  const logon = logonOf(record);
  const draft =
    logon === undefined
      ? new EventDraft('cef', 'device-event', CATEGORY.network, typeOf(fields), undefined)
      : new EventDraft('cef', logon.action, CATEGORY.authentication, TYPE.start, logon.outcome);
  if (logon?.outcome === 'failure') draft.role = 'attempt';
  draft.user = logon?.user ?? nameOf(fields.get('suser') ?? fields.get('duser') ?? fields.get('usrName'));
  setSource(draft, fields.get('src') ?? '');
  draft.domain = undefined;
  draft.port = portOf(fields.get('spt') ?? fields.get('srcPort'));
  draft.reason = nameOf(logon?.reason ?? record.name);
  const event = draft.finish(logon === undefined ? withEvidence(line, 'spoofable') : line);
  addDevice(event, record);
  addDestination(event, fields);
  return event;
}

/** By `act`, what the device did; it says so in words of its own. */
function typeOf(fields: CefRecord['fields']): string[] {
  const act = fields.get('act') ?? '';
  if (/^(?:block|den|drop|reject|prevent|quarantin)/i.test(act)) return ['connection', 'denied'];
  return /^(?:allow|accept|permit|pass)/i.test(act) ? ['connection', 'allowed'] : TYPE.info;
}

function addDevice(event: FleetEvent, { vendor, product, code }: CefRecord): void {
  event['event.provider'] = `${vendor} ${product}`.trim();
  if (vendor !== '') event['observer.vendor'] = vendor;
  if (product !== '') event['observer.product'] = product;
  if (code !== '') event['event.code'] = code;
}

function addDestination(event: FleetEvent, fields: CefRecord['fields']): void {
  const target = new EventDraft('', '', [], [], undefined);
  setSource(target, fields.get('dst') ?? '');
  if (target.ip !== undefined) event['destination.ip'] = target.ip;
  const port = portOf(fields.get('dpt') ?? fields.get('dstPort'));
  if (port !== undefined) event['destination.port'] = port;
  const transport = (fields.get('proto') ?? '').toLowerCase();
  if (/^(?:tcp|udp|icmp)$/.test(transport)) event['network.transport'] = transport;
}

function nameOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function portOf(text = ''): number | undefined {
  const port = numberBetween(text, 0, text.length, 5);
  return port >= 0 && port <= 65_535 ? port : undefined;
}

/** Records without a header: of the time that `rt` tells in milliseconds, or of the line before. */
function open(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!RAW.test(raw)) return undefined;
    const rt = /[ |]rt=(\d{13})(?: |$)/.exec(raw)?.[1];
    const timeMs = rt === undefined ? stream.clock.lastMs : stream.clock.at(Number(rt));
    if (timeMs === undefined) return { unparsed: 'no-header' };
    const line = lineOf(raw, stream, raw.startsWith('L') ? 'LEEF' : 'CEF', timeMs);
    // Whatever program can be made to begin a line can write this one.
    return parse(withEvidence(line, 'unauthenticated'));
  };
}
