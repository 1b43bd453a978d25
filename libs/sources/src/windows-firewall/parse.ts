import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { CATEGORY, plainDraft } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { withEvidence } from '../message-forms.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { isDirective, W3cColumns, type W3cValues } from '../w3c/columns.js';
import { readLocalStamp } from '../w3c/stamp.js';

const NAME = 'windows-firewall';
const PROGRAM = 'windows-firewall';
const NOT_RELEVANT: Unparsed = { unparsed: 'not-relevant', program: PROGRAM };

/** The columns that the log has always had, for a file whose beginning was not seen; `path` since Vista, `pid` since Windows 10. */
const COLUMNS =
  'date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path pid';
const DEFAULTS = [16, 17, 18].map((count) => new W3cColumns(COLUMNS.split(' ').slice(0, count)));

const ROW =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:DROP|ALLOW|OPEN|OPEN-INBOUND|CLOSE|INFO-EVENTS-LOST) \S{1,10} [\da-fA-F.:%-]{1,60} /;

const VERDICTS: ReadonlyMap<string, 'blocked' | 'allowed'> = new Map([
  ['DROP', 'blocked'],
  ['ALLOW', 'allowed'],
  ['OPEN', 'allowed'],
  ['OPEN-INBOUND', 'allowed'],
]);
const TYPES = { blocked: ['connection', 'denied'], allowed: ['connection', 'allowed'] };

/**
 * `pfirewall.log` of Windows' firewall, in local time. Anyone can write any address into a packet: the evidence is `spoofable`,
 * there is no outcome, nobody tried to log on. Source: learn.microsoft.com, "Configure Windows Firewall logging".
 */
const firewallLog: LogFormat = {
  name: 'Windows firewall',
  files: ['C:/Windows/System32/LogFiles/Firewall/*.log'],
  recognises: (raw) => (isDirective(raw) ? isOwnDirective(raw) : ROW.test(raw)),
  open,
};

function isOwnDirective(raw: string): boolean {
  return (
    raw.startsWith('#Software: Microsoft Windows Firewall') ||
    W3cColumns.of(raw)?.has('action', 'src-ip', 'dst-ip') === true
  );
}

function open(stream: StreamContext): FormatReader {
  let named: W3cColumns | undefined;
  return (raw) => {
    if (isDirective(raw)) {
      const found = W3cColumns.of(raw);
      if (found === undefined) return NOT_RELEVANT;
      if (!isOwnDirective(raw)) return undefined;
      named = found;
      return NOT_RELEVANT;
    }
    const values = named?.split(raw) ?? (ROW.test(raw) ? defaultValues(raw) : undefined);
    const timeMs = values === undefined ? -1 : readLocalStamp(stream.clock, values);
    if (values === undefined || timeMs < 0) return undefined;
    return packetEvent(lineOf(raw, stream, PROGRAM, timeMs), values);
  };
}

function defaultValues(raw: string): W3cValues | undefined {
  for (const columns of DEFAULTS) {
    const values = columns.split(raw);
    if (values !== undefined) return values;
  }
  return undefined;
}

function packetEvent(line: LogLine, values: W3cValues): FleetEvent | Unparsed {
  const verdict = VERDICTS.get(values.get('action') ?? '');
  if (verdict === undefined) return notRelevant(line);
  const draft = plainDraft(NAME, `firewall-${verdict}`, CATEGORY.network, TYPES[verdict]);
  setSource(draft, addressOf(values.get('src-ip')) ?? '');
  draft.port = portOf(values, 'src-port');
  const event = draft.finish(withEvidence(line, 'spoofable'));
  const destination = addressOf(values.get('dst-ip'));
  const port = portOf(values, 'dst-port');
  if (destination !== undefined) event['destination.ip'] = destination;
  if (port !== undefined) event['destination.port'] = port;
  const protocol = values.get('protocol')?.toLowerCase();
  if (protocol !== undefined) event['network.transport'] = protocol === 'icmpv6' ? 'ipv6-icmp' : protocol;
  const path = values.get('path');
  if (path === 'SEND' || path === 'RECEIVE') event['network.direction'] = path === 'SEND' ? 'egress' : 'ingress';
  return event;
}

/** Without the zone of a link-local address. */
function addressOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : canonicalAddress(text.replace(/%[\w.]{1,20}$/, ''));
}

function portOf(values: W3cValues, name: string): number | undefined {
  const port = values.number(name);
  return port !== undefined && port <= 65_535 ? port : undefined;
}

/** Windows' firewall, from its own log. */
export const windowsFirewall: Source = { name: NAME, programs: [], formats: [firewallLog], parse: unknownMessage };
