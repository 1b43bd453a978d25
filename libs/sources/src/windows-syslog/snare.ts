import type { FormatReader, LogFormat, StreamContext } from '../log-format.js';
import type { Unparsed } from '../source.js';
import { readAsctimeStamp } from '../time/stamps.js';
import { mapWindowsRecord } from '../windows/map-record.js';
import { recordOf } from '../windows/record.js';
import { hostOf } from './host.js';

/** `[<PRI>][Nov 22 07:00:00 ]HOST MSWinEventLog<TAB>1<TAB>`; Snare's own protocol has a tab behind the host. */
const HEAD = /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?([\w.:-]{1,255})[ \t]MSWinEventLog\t\d{1,2}\t/;
const HEAD_LENGTH = 320;

/** What follows, by position between tabs: the log, a counter, the time, the id … the message. */
const LOG = 0;
const TIME = 2;
const EVENT_ID = 3;
const PROVIDER = 4;
const COMPUTER = 8;
const MESSAGE = 11;

/** A long message may have been cut on its way, behind labels that a peer wrote. */
const MAX_LENGTH = 8_192;

/**
 * Snare for Windows, NXLog's `to_syslog_snare()` and others: the message in one line, without the data's names. It comes over
 * syslog, so it proves nothing, also where a central syslog has put it into a file.
 */
export const snare: LogFormat = {
  name: 'Snare for Windows',
  recognises: (raw) => HEAD.test(raw.slice(0, HEAD_LENGTH)),
  open: openSnare,
};

function openSnare(stream: StreamContext): FormatReader {
  return (raw) => {
    const head = HEAD.exec(raw.slice(0, HEAD_LENGTH));
    if (head === null) return undefined;
    const parts = raw.slice(head[0].length).split('\t', 64);
    const timeMs = readAsctimeStamp(stream.clock, parts[TIME] ?? '', 0);
    const id = parts[EVENT_ID] ?? '';
    const provider = parts[PROVIDER];
    if (timeMs < 0 || !/^\d{1,5}$/.test(id) || provider === undefined) return unknown();
    const message = raw.length > MAX_LENGTH ? undefined : messageOf(parts);
    const record = recordOf({
      provider,
      eventId: Number(id),
      channel: parts[LOG],
      computer: parts[COMPUTER],
      timeMs,
      message,
      xml: () => raw,
    });
    return mapWindowsRecord(record, { host: hostOf(stream, head[1]), evidence: 'unauthenticated' });
  };
}

/** Behind the message stands a counter or a checksum, or nothing. */
function messageOf(parts: readonly string[]): string {
  const words = parts.slice(MESSAGE);
  if (words.length > 1 && /^(?:\d{1,20}|[\da-fA-F]{32})$/.test(words.at(-1) ?? '')) words.pop();
  return words.join(' ');
}

function unknown(): Unparsed {
  return { unparsed: 'unknown-message', program: 'MSWinEventLog' };
}
