import { BrokenName } from '../broken-name.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type Source, type Unparsed, unknownMessage } from '../source.js';
import { isDirective } from '../w3c/columns.js';
import { readMailboxRow } from './mailbox.js';
import { columnsOfDirective, defaultColumns, isStamped, type Protocol, protocolOfRow, readRow } from './row.js';
import { SmtpSessions } from './smtp.js';

const PROGRAM = 'exchange';
const NOT_RELEVANT: Unparsed = { unparsed: 'not-relevant', program: PROGRAM };
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };
/** RFC 4954 4: the longest line with credentials. */
const MAX_NAME_CHARS = 12_288;

/**
 * Protocol logs of Exchange 2007 to 2019 and Subscription Edition: SMTP (receive connectors), IMAP4 and POP3. The order of the
 * columns is that of `#Fields:`, and the one that Exchange has always had where the file's beginning was not seen.
 * Source: learn.microsoft.com, "Protocol logging", "Protocol logging for POP3 and IMAP4".
 */
const protocolLog: LogFormat = {
  name: 'Exchange protocol log',
  files: [
    'C:/Program Files/Microsoft/Exchange Server/V*/TransportRoles/Logs/*/ProtocolLog/SmtpReceive/*.LOG',
    'C:/Program Files/Microsoft/Exchange Server/V*/TransportRoles/Logs/ProtocolLog/SmtpReceive/*.LOG',
    'C:/Program Files/Microsoft/Exchange Server/V*/Logging/Imap4/*.LOG',
    'C:/Program Files/Microsoft/Exchange Server/V*/Logging/Pop3/*.LOG',
  ],
  recognises: (raw) =>
    isDirective(raw) ? SOFTWARE.test(raw) || columnsOfDirective(raw) !== undefined : protocolOfRow(raw) !== undefined,
  open,
};

const SOFTWARE = /^\uFEFF?#Software: Microsoft Exchange(?: Server)?\s*$/;

function open(stream: StreamContext): FormatReader {
  const sessions = new SmtpSessions();
  const broken = new BrokenName(MAX_NAME_CHARS);
  const columns: Record<Protocol, readonly string[]> = {
    smtp: defaultColumns('smtp'),
    mailbox: defaultColumns('mailbox'),
  };
  /** What the file's directive says; absent where its beginning was not seen. */
  let named: Protocol | undefined;
  return (raw) => {
    if (broken.mayHold(raw)) return UNKNOWN;
    if (isDirective(raw)) {
      const found = columnsOfDirective(raw);
      if (found !== undefined) {
        named = found.protocol;
        columns[named] = found.names;
      }
      return found === undefined && raw.startsWith('#Fields:') ? undefined : NOT_RELEVANT;
    }
    const protocol = protocolOfRow(raw) ?? (isStamped(raw) ? named : undefined);
    if (protocol === undefined) return undefined;
    const row = readRow(raw, columns[protocol]);
    if (row === 'open') broken.begin();
    const timeMs = stream.clock.readIso(raw, 0);
    if (row === undefined || row === 'open' || timeMs < 0) return UNKNOWN;
    const line = lineOf(raw, stream, PROGRAM, timeMs);
    return protocol === 'smtp' ? sessions.read(line, row) : readMailboxRow(line, row);
  };
}

/** Exchange, from its protocol logs. */
export const exchange: Source = { name: 'exchange', programs: [], formats: [protocolLog], parse: unknownMessage };
