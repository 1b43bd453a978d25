import { TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { notRelevant, type Source } from '../source.js';

/**
 * ZNC, the IRC bouncer, by its module adminlog: `[2026-11-01 12:00:00] [USER] failed to login from ADDR[:PORT]`, or the same
 * without the stamp through syslog. The user is the peer's text and stands before the address. Source: modules/adminlog.cpp.
 */
export const znc: Source = {
  name: 'znc',
  programs: ['znc'],
  formats: [
    {
      name: 'znc',
      begins: '[',
      files: ['/var/lib/znc/moddata/adminlog/znc.log', '/home/*/.znc/moddata/adminlog/znc.log'],
      recognises: (raw) =>
        raw.startsWith('[') && HEAD.test(raw) && FORMS.some(({ pattern }) => pattern.test(raw.replace(HEAD, ''))),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => readForms('znc', FORMS, line) ?? notRelevant(line),
};

const HEAD = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (?=\[)/;
const FROM = String.raw`from (?<end>\S+)$`;
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(String.raw`^\[(?<user>.*)\] failed to login ${FROM}`, 's'),
    action: 'znc-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(String.raw`^\[(?<user>.*)\] connected to ZNC ${FROM}`, 's'),
    action: 'znc-logon',
    outcome: 'success',
  },
  {
    pattern: new RegExp(String.raw`^\[(?<user>.*)\] disconnected from ZNC ${FROM}`, 's'),
    action: 'znc-disconnected',
    type: TYPE.end,
  },
];

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const head = HEAD.exec(raw);
    const timeMs = head === null ? -1 : stream.clock.readIso(raw, 1);
    if (head === null || timeMs < 0) return undefined;
    const line = lineOf(raw, stream, 'znc', timeMs, raw.slice(head[0].length));
    return readForms('znc', FORMS, line) ?? notRelevant(line);
  };
}
