import { CATEGORY } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { notRelevant, type Source, unknownMessage } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { readAsctimeStamp } from '../time/stamps.js';

/**
 * Monitorix' built-in web server: `Sun Nov  1 12:00:00 2026 - AUTHERR - [ADDR] Authentication error: PATH`. The address comes
 * before the path, which is the peer's. Source: lib/HTTPServer.pm.
 */
export const monitorix: Source = {
  name: 'monitorix',
  programs: [],
  formats: [
    stampedLog({
      name: 'monitorix',
      files: ['/var/log/monitorix-httpd'],
      begins: 'A',
      beginning:
        /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} - (?=(?:OK|NOTEXIST|NOTALLOWED|AUTHERR|ERROR) - \[)/,
      time: (clock, raw) => readAsctimeStamp(clock, raw, 0),
      parse: (line) => readForms('monitorix', FORMS, line) ?? notRelevant(line),
    }),
  ],
  parse: unknownMessage,
};

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
