import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source } from '../source.js';

/**
 * Programs that report port scans: PortSentry 1 and 2, scanlogd, psad. They look at packets, in which anyone can write any
 * address: all of it is `spoofable`, and nobody tried to log on.
 *
 * Source: portsentry.c, portsentry_util.c (WriteBlocked), PortSentry 2 sentry.c; scanlogd.c (do_log); psad.
 */
export const scanDetectors: Source = {
  name: 'scan-detectors',
  programs: ['portsentry', 'scanlogd', 'psad'],
  formats: [
    {
      name: 'portsentry',
      files: ['/var/lib/portsentry/portsentry.history', '/var/lib/portsentry/portsentry.blocked.*'],
      recognises: (raw) => HISTORY.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => scanEvent(line, line.message) ?? notRelevant(line),
};

const form = (pattern: RegExp): MessageForm => ({
  pattern,
  action: 'port-scan-reported',
  category: [...CATEGORY.intrusionDetection, ...CATEGORY.network],
});

const FORMS: readonly MessageForm[] = [
  form(
    /^attackalert: (?:Connect|[\w/ ]{1,40} scan) from host: [^\s/]{1,255}\/(?<peer>[0-9A-Fa-f.:]+) to (?:TCP|UDP) port: \d{1,5}/,
  ),
  form(/^Scan from: \[(?<peer>[0-9A-Fa-f.:]+)\] \([^\s)]{0,255}\) protocol: \[/),
  form(/^(?<peer>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::(?<port>\d{1,5}))? to [\d.]+ (?:ports? |and others, ports? )/),
  form(/^scan detected(?: \([^)]{1,80}\))?: (?<peer>[0-9A-Fa-f.:]+) (?:\([^)]{0,255}\) )?-> /),
];

function scanEvent(line: LogLine, text: string): FleetEvent | undefined {
  return readForms('scan-detectors', FORMS, withEvidence(line, 'spoofable'), text);
}

/** `1793534400 - 11/01/2026 12:00:00 Host: NAME/ADDR Port: 1 TCP Blocked`. */
const HISTORY =
  /^(?<time>\d{9,10}) - \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d Host: [^\s/]{1,255}\/(?<peer>[0-9A-Fa-f.:]+) Port: \d{1,5} (?:TCP|UDP) Blocked$/;
const HISTORY_FORMS = [form(HISTORY)];

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const time = HISTORY.exec(raw)?.groups?.time;
    if (time === undefined) return undefined;
    const timeMs = stream.clock.at(numberBetween(time, 0, time.length) * 1000);
    const line = withEvidence(lineOf(raw, stream, 'portsentry', timeMs), 'spoofable');
    return readForms('scan-detectors', HISTORY_FORMS, line) ?? notRelevant(line);
  };
}
