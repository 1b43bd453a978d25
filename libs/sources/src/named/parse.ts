import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { readDayFirstStamp } from '../time/stamps.js';

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
    stampedLog({
      name: 'named',
      files: ['/var/log/named/*.log', '/var/log/bind/*.log', '/var/named/data/*.run'],
      begins: '0',
      beginning: /^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{3} (?=[a-z-]{1,20}: |client )/,
      time: (clock, raw) => readDayFirstStamp(clock, raw, 0),
      parse,
    }),
  ],
  parse,
};

/** `01-Nov-2026 12:00:00.123 [CATEGORY: ][SEVERITY: ]`, each part by configuration. */
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

function parse(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.replace(OWN_HEAD, '');
  return readForms('named', FORMS, withEvidence(line, 'spoofable'), text) ?? notRelevant(line);
}
