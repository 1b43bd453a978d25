import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { MONTHS } from '../time/wall-clock.js';

/**
 * BIND's named: queries, transfers and updates that it refused. Queries go over UDP: all of it is `spoofable`, and nobody
 * tried to log on.
 *
 * `client [@0x7f…] ADDR#PORT [(NAME)][: view V]: query (cache) 'NAME/TYPE/CLASS' denied`: the address comes before the name,
 * which is the peer's. Source: lib/ns/client.c (ns_client_logv), query.c, xfrout.c, update.c.
 */
export const named: Source = {
  name: 'named',
  programs: ['named'],
  formats: [
    {
      name: 'named',
      files: ['/var/log/named/*.log', '/var/log/bind/*.log', '/var/named/data/*.run'],
      recognises: (raw) => STAMP.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => parseText(line, line.message.replace(OWN_HEAD, '')),
};

/** `01-Nov-2026 12:00:00.123 [CATEGORY: ][SEVERITY: ]`, each part by configuration. */
const STAMP =
  /^(?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d{4}) (?<time>\d\d:\d\d:\d\d\.\d{3}) (?=[a-z-]{1,20}: |client )/;
const OWN_HEAD =
  /^(?:\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{3} )?(?:[a-z-]{1,20}: )?(?:(?:info|notice|warning|error|debug \d{1,2}): )?(?=client )/;
const CLIENT = String.raw`^client (?:@0x[0-9a-f]{1,16} )?(?<peer>[0-9A-Fa-f.:]+)#(?<port>\d{1,5})(?:/key [\w.-]{1,255})?(?: \([^)\s]{0,1024}\))?(?:: view [\w.-]{1,64})?: `;
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(
      String.raw`${CLIENT}(?:query|query \(cache\)|zone transfer|update|update forwarding|notify for|bad zone transfer request:) '.*' denied`,
      's',
    ),
    action: 'dns-query-denied',
    type: TYPE.denied,
  },
];

function parseText(line: LogLine, text: string): FleetEvent | Unparsed {
  return readForms('named', FORMS, withEvidence(line, 'spoofable'), text) ?? notRelevant(line);
}

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const { day = '', month = '', year = '', time = '' } = STAMP.exec(raw)?.groups ?? {};
    const index = MONTHS[month];
    if (index === undefined || numberBetween(day, 0, 2) < 1) return undefined;
    const stamp = `${year}-${String(index + 1).padStart(2, '0')}-${day}T${time}`;
    const timeMs = stream.clock.readIso(stamp, 0);
    return timeMs < 0 ? undefined : parseText(lineOf(raw, stream, 'named', timeMs), raw.replace(OWN_HEAD, ''));
  };
}
