import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';

const NAME = 'citrix-adc';
const PROGRAM = 'netscaler';

/**
 * `[Nov 22 07:00:00 ][<local0.warn> ][HOST ]11/22/2026:07:00:00[ GMT] NAME 0-PPE-0 : [PARTITION ]MODULE EVENT N 0 : TEXT`: as the
 * appliance writes it to ns.log and sends it to a syslog server, before whose own header or behind it.
 */
const HEAD =
  /^(?:<\d{1,3}> ?)?(?:(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:?\d\d)) )?(?:<[\w.]{1,20}> ?)?(?:[\w.:-]{1,255} {1,2})?(\d\d)\/(\d\d)\/(\d{4}):(\d\d:\d\d:\d\d) {1,2}(?:(GMT|UTC) )?(?:[\w.-]{1,255} )?\d{1,3}-PPE-\d{1,3} : (?:[\w.-]{1,64} )?([A-Z]{2,10}) (\w{1,40}) \d{1,12} \d{1,12} : {1,2}(?=\S)/;

/**
 * Citrix ADC, also called NetScaler, and its Gateway. Source: "NetScaler Syslog Message Reference" (AAA LOGIN_FAILED, SSLVPN
 * LOGIN, AAATM LOGIN, GUI and CLI CMD_EXECUTED).
 */
const ownLog: LogFormat = {
  name: 'Citrix ADC',
  files: ['/var/log/ns.log'],
  recognises: (raw) => HEAD.test(raw),
  open,
};

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const match = HEAD.exec(raw);
    if (match === null) return undefined;
    const [head, first = '', second = '', year = '', time = '', zone, module = '', name = ''] = match;
    // The appliance prints the month first unless it is told otherwise.
    const [month, day] = Number(first) > 12 ? [second, first] : [first, second];
    const stamp = `${year}-${month}-${day}`;
    const timeMs =
      zone === undefined
        ? readDatedStamp(stream.clock, `${stamp} ${time}`, 0)
        : stream.clock.readIso(`${stamp}T${time}Z`, 0);
    if (timeMs < 0) return { unparsed: 'unknown-message', program: PROGRAM };
    return readMessage(lineOf(raw, stream, PROGRAM, timeMs, raw.slice(head.length)), module, name);
  };
}

function readMessage(line: LogLine, module: string, name: string): FleetEvent | Unparsed {
  if (module === 'AAA' && name === 'LOGIN_FAILED') return readRefused(line);
  if ((module === 'SSLVPN' || module === 'AAATM') && name === 'LOGIN') return readAccepted(line);
  return name === 'CMD_EXECUTED' ? readCommand(line) : notRelevant(line);
}

/** The server that knows the passwords was not asked, or the appliance has no room. */
const NO_GUESS = /not reachable|unreachable|time(?:d )?out|unavailable|licen[cs]e|internal error|limit|no response/i;
const CLIENT = / - Client_ip ([\da-fA-F.:]{2,45}) ?- Failure_reason "/g;

/** Name and browser are the peer's, on both sides of the address: with two places that look alike nobody is named. */
function readRefused(line: LogLine): FleetEvent | Unparsed {
  const text = line.message;
  const places = [...text.matchAll(CLIENT)];
  const [place] = places;
  if (place === undefined || !text.startsWith('User ')) return unknownMessage(line);
  const draft = failedLogon(NAME, 'gateway-logon-failed');
  const reasonStart = place.index + place[0].length;
  const reason = /^[^"]{1,200}/.exec(text.slice(reasonStart, reasonStart + 200))?.[0] ?? '';
  if (places.length > 1 || !NO_GUESS.test(reason)) draft.role = 'attempt';
  if (places.length > 1) return draft.finish(line);
  draft.reason = reason;
  return finish(line, draft, text.slice(5, place.index), place[1] ?? '');
}

const ACCEPTED = / ?- User (.{1,256}?) - Client_ip ([\da-fA-F.:]{2,45}) ?- Nat_ip /g;

function readAccepted(line: LogLine): FleetEvent | Unparsed {
  const places = [...line.message.matchAll(ACCEPTED)];
  const [place] = places;
  if (place === undefined || places.length > 1) return unknownMessage(line);
  return finish(line, logon(NAME, 'gateway-logon'), place[1] ?? '', place[2] ?? '');
}

const REMOTE = / - (?:ADM_User [\w.-]{1,64} - )?Remote_ip ([\da-fA-F.:]{2,45}) - Command "/g;
const REFUSED_STATUS = / - Status "ERROR: (Invalid username or password|User does not exist)[^"]{0,100}"$/;

/** The appliance's own administrators: their logon is a command like any other. */
function readCommand(line: LogLine): FleetEvent | Unparsed {
  const text = line.message;
  const places = [...text.matchAll(REMOTE)];
  const [place] = places;
  if (place === undefined || places.length > 1 || !text.startsWith('User ')) return notRelevant(line);
  if (!text.startsWith('login ', place.index + place[0].length)) return notRelevant(line);
  const user = text.slice(5, place.index);
  const reason = REFUSED_STATUS.exec(text)?.[1];
  if (reason !== undefined) {
    const draft = failedLogon(NAME, 'admin-logon-failed');
    draft.role = 'attempt';
    draft.reason = reason;
    return finish(line, draft, user, place[1] ?? '');
  }
  if (!text.endsWith(' - Status "Success"')) return notRelevant(line);
  return finish(line, logon(NAME, 'admin-logon'), user, place[1] ?? '');
}

function finish(line: LogLine, draft: EventDraft, user: string, address: string): FleetEvent {
  setSource(draft, address);
  draft.user = user;
  draft.service = NAME;
  return draft.finish(line);
}

/** Citrix ADC and Gateway, from ns.log and over syslog. */
export const citrixAdc: Source = { name: NAME, programs: [], formats: [ownLog], parse: unknownMessage };
