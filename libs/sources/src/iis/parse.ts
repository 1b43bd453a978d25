import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type Source, type Unparsed, unknownMessage } from '../source.js';
import { isDirective, W3cColumns } from '../w3c/columns.js';
import { W3cStamps } from '../w3c/stamp.js';
import { FtpCommands, isOldFtpCommand } from './ftp.js';
import { readHttpError } from './http-errors.js';
import { NAME, requestOf } from './request.js';
import { WebRequests } from './web.js';

const PROGRAM = 'iis';
const NOT_RELEVANT: Unparsed = { unparsed: 'not-relevant', program: PROGRAM };
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };

type Kind = 'web' | 'ftp' | 'http-errors';

/** What a log with these columns tells of; undefined when it is none of IIS'. */
function kindOf(columns: W3cColumns): Kind | undefined {
  if (!columns.has('time', 'c-ip', 'cs-method', 'sc-status')) return undefined;
  if (columns.has('s-reason', 'cs-uri')) return 'http-errors';
  if (!columns.has('cs-uri-stem')) return undefined;
  return columns.has('x-session') || columns.has('x-fullpath') ? 'ftp' : 'web';
}

/**
 * The W3C logs of IIS 4 to 10: web sites, FTP, and the errors of HTTP.sys. Each `#Fields:` says which columns follow, so a
 * log is read from there on. Source: learn.microsoft.com, "W3C Logging", "Error logging in HTTP API", "HTTP status codes in IIS".
 */
const w3cLog: LogFormat = {
  name: 'IIS (W3C)',
  files: [
    'C:/inetpub/logs/LogFiles/*/*.log',
    'C:/Windows/System32/LogFiles/W3SVC*/*.log',
    'C:/Windows/System32/LogFiles/MSFTPSVC*/*.log',
    'C:/Windows/System32/LogFiles/HTTPERR/httperr*.log',
  ],
  recognises: (raw) => {
    if (!isDirective(raw)) return false;
    const columns = W3cColumns.of(raw);
    return columns === undefined ? SOFTWARE.test(raw) : kindOf(columns) !== undefined;
  },
  open,
};

/** IIS 4 calls itself a server. `#Date:`, which logs without dates depend on, follows it. */
const SOFTWARE = /^\uFEFF?#Software: Microsoft (?:Internet Information (?:Services|Server)|HTTP API) \d/;

function open(stream: StreamContext): FormatReader {
  const stamps = new W3cStamps();
  const web = new WebRequests();
  const ftp = new FtpCommands();
  let columns: W3cColumns | undefined;
  let kind: Kind | undefined;
  return (raw) => {
    if (isDirective(raw)) {
      stamps.directive(raw);
      const named = W3cColumns.of(raw);
      if (named === undefined) return NOT_RELEVANT;
      kind = kindOf(named);
      columns = named;
      // The columns of another program's log: its own reader knows them.
      return kind === undefined ? undefined : NOT_RELEVANT;
    }
    if (columns === undefined || kind === undefined) return undefined;
    const values = columns.split(raw);
    const timeMs = values === undefined ? -1 : stamps.read(stream.clock, values);
    if (values === undefined || timeMs < 0) return undefined;
    const line = lineOf(raw, stream, PROGRAM, timeMs);
    if (kind === 'http-errors') return readHttpError(line, values);
    if (kind === 'ftp' || isOldFtpCommand(values)) return ftp.read(line, values);
    const request = requestOf(values, stream);
    return request === undefined ? UNKNOWN : web.read(line, request);
  };
}

/** IIS, from its own logs. */
export const iis: Source = { name: NAME, programs: [], formats: [w3cLog], parse: unknownMessage };
