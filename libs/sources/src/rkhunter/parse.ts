import { CATEGORY } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { notRelevant, type Source } from '../source.js';
import { MONTHS } from '../time/wall-clock.js';

/**
 * Rootkit Hunter and chkrootkit: warnings of their own log and through syslog. Most warnings are false: they are events to
 * look at, no malware that was found.
 *
 * Source: rkhunter 1.4 (files/rkhunter: display, do_scan_end).
 */
export const rkhunter: Source = {
  name: 'rkhunter',
  programs: ['rkhunter', 'chkrootkit'],
  formats: [
    {
      name: 'rkhunter',
      begins: '[',
      files: ['/var/log/rkhunter.log', '/var/log/rkhunter/rkhunter.log'],
      recognises: (raw) => raw.startsWith('[') && /^\[\d\d:\d\d:\d\d\] Running Rootkit Hunter version /.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => readForms('rkhunter', FORMS, line) ?? notRelevant(line),
};

const category = CATEGORY.intrusionDetection;
const WARNINGS: readonly MessageForm[] = [
  { pattern: /^Warning: (?<reason>.{1,1000})/s, action: 'rootkit-warning', category },
];
const FORMS: readonly MessageForm[] = [
  ...WARNINGS,
  {
    pattern: /^(?<reason>Please inspect this machine, because it may be infected\.?)/,
    action: 'rootkit-warning',
    category,
  },
  { pattern: /^(?<reason>.{1,200}) INFECTED(?:: .*)?$/s, action: 'rootkit-warning', category },
];

const STAMP = /^\[(\d\d:\d\d:\d\d)\] ?/;
const START = /^Info: Start date is [A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2}) .{0,40}?(?<year>\d{4})$/;

/** Lines have a time of day alone; the date is told once, near the beginning of each run. */
function open(stream: StreamContext): FormatReader {
  let date: string | undefined;
  return (raw) => {
    const stamp = STAMP.exec(raw);
    if (stamp === null) return undefined;
    const text = raw.slice(stamp[0].length);
    const start = START.exec(text)?.groups;
    if (start !== undefined) date = dateOf(start);
    const timeMs = date === undefined ? -1 : stream.clock.readIso(`${date}T${stamp[1]}`, 0);
    if (timeMs < 0) return { unparsed: 'not-relevant', program: 'rkhunter' };
    const line = lineOf(raw, stream, 'rkhunter', timeMs, text.trimStart());
    return readForms('rkhunter', WARNINGS, line) ?? notRelevant(line);
  };
}

function dateOf({ year, month = '', day = '' }: Record<string, string | undefined>): string | undefined {
  const index = MONTHS[month];
  return index === undefined ? undefined : `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}
