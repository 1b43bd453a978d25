import { CATEGORY } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { notRelevant, type Source, unknownMessage } from '../source.js';
import { readAsctimeStamp } from '../time/stamps.js';

/**
 * Monitorix' built-in web server: `Sun Nov  1 12:00:00 2026 - AUTHERR - [ADDR] Authentication error: PATH`. The address comes
 * before the path, which is the peer's. Source: lib/HTTPServer.pm.
 */
export const monitorix: Source = {
  name: 'monitorix',
  programs: [],
  formats: [
    {
      name: 'monitorix',
      files: ['/var/log/monitorix-httpd'],
      recognises: (raw) => HEAD.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: unknownMessage,
};

const HEAD =
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} - (?=(?:OK|NOTEXIST|NOTALLOWED|AUTHERR|ERROR) - \[)/;

const FORMS: readonly MessageForm[] = [
  {
    pattern: /^AUTHERR - \[(?<peer>[^\]\s]*)\] /,
    action: 'web-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: /^NOTEXIST - \[(?<peer>[^\]\s]*)\] /, action: 'web-not-found', category: CATEGORY.web },
  { pattern: /^NOTALLOWED - \[(?<peer>[^\]\s]*)\] /, action: 'web-denied', category: CATEGORY.web },
];

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const head = HEAD.exec(raw);
    const timeMs = head === null ? -1 : readAsctimeStamp(stream.clock, raw, 0);
    if (head === null || timeMs < 0) return undefined;
    const line = lineOf(raw, stream, 'monitorix', timeMs, raw.slice(head[0].length));
    return readForms('monitorix', FORMS, line) ?? notRelevant(line);
  };
}
