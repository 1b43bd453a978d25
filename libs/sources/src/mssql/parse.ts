import type { FleetEvent } from '@fleetwall/core';
import { BrokenName } from '../broken-name.js';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { ACCOUNT_ERRORS, writeFailure, writeSaid } from '../windows/sql-server.js';
import { sqlServerText } from '../windows/sql-server-text.js';
import { writeReason } from '../windows/status.js';
import { Injection } from './injection.js';
import { narrow, rowOf } from './row.js';
import { type ErrorHead, errorHead, failureText, isFailureText, SSPI_DENIED, successText } from './texts.js';

const NAME = 'mssql';
const PROGRAM = 'sqlservr';
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };
/** sysname: what a login's name can have at most. */
const MAX_NAME_CHARS = 128;

/**
 * The error log of SQL Server 2005 to 2022, on Windows (UTF-16 or ANSI) and Linux: a failed logon is a line with error and
 * state, and one with the text. Source: learn.microsoft.com, "MSSQLSERVER_18456".
 */
const errorLog: LogFormat = {
  name: 'SQL Server error log',
  files: ['C:/Program Files/Microsoft SQL Server/MSSQL*/MSSQL/Log/ERRORLOG', '/var/opt/mssql/log/errorlog'],
  recognises: (raw) => {
    const text = narrow(raw);
    return text !== undefined && rowOf(text) !== undefined;
  },
  open,
};

function open(stream: StreamContext): FormatReader {
  const broken = new BrokenName(MAX_NAME_CHARS);
  const injection = new Injection();
  /** What the line before said, for the one that follows it. */
  let before: ErrorHead | undefined;
  return (raw) => {
    const text = narrow(raw);
    if (broken.mayHold(text ?? raw)) return UNKNOWN;
    const head = before;
    before = undefined;
    const row = text === undefined ? undefined : rowOf(text);
    const timeMs = text === undefined || row === undefined ? -1 : readDatedStamp(stream.clock, text, 0);
    if (text === undefined) broken.begin();
    if (row === undefined || timeMs < 0) {
      if (text !== undefined && sqlServerText(text).client !== undefined) injection.piece();
      return undefined;
    }
    before = errorHead(row.text);
    if (before !== undefined) injection.head(before);
    const line = lineOf(raw, stream, PROGRAM, timeMs, row.text);
    if (before !== undefined) return notRelevant(line);
    if (isCutOff(row.text, head)) {
      injection.piece();
      broken.begin();
      return UNKNOWN;
    }
    if (isFailureText(row.text)) injection.failure();
    else if (head === undefined && isForeignTail(row.text)) injection.piece();
    const event = readText(line, head);
    if (!injection.trusts(head) && 'event.action' in event) delete event['source.ip'];
    return event;
  };
}

/** Only the text of a logon ends with a client where no error came before it. */
function isForeignTail(text: string): boolean {
  return sqlServerText(text).client !== undefined && successText(text) === undefined;
}

/** Every text about a logon ends with the client: one that does not breaks off within the name. */
function isCutOff(text: string, head: ErrorHead | undefined): boolean {
  const isLogon = head?.isLogon === true || isFailureText(text) || text.startsWith('Login succeeded for user ');
  return isLogon && sqlServerText(text).client === undefined;
}

/** Peers that do not speak the protocol (17828, 17832, 17836). */
const BROKEN_PEER =
  /^(?:The (?:prelogin|login) packet used to open the connection is |Length specified in network packet )/;

/** @param head error and state, where the line before had them */
function readText(line: LogLine, head?: ErrorHead): FleetEvent | Unparsed {
  const text = line.message;
  const success = successText(text);
  if (success !== undefined) {
    const event = logon(NAME, 'mssql-logon').finish(line);
    writeSaid(event, success);
    return event;
  }
  if (SSPI_DENIED.test(text) || isFailureText(text) || head?.isLogon === true) return failureOf(line, head);
  if (!BROKEN_PEER.test(text)) return notRelevant(line);
  const event = plainDraft(NAME, 'mssql-connection-refused', CATEGORY.network, TYPE.denied).finish(line);
  writeSaid(event, { ...sqlServerText(text), user: undefined });
  return event;
}

function failureOf(line: LogLine, head: ErrorHead | undefined): FleetEvent {
  const said = failureText(line.message);
  // Windows' own logon, from outside of the domain: no password of SQL Server's was compared.
  const isUntrusted = head?.error === 18452 || line.message.startsWith('Login failed. ');
  const reason = ACCOUNT_ERRORS.get(said.error) ?? ACCOUNT_ERRORS.get(head?.error ?? 0);
  const draft = failedLogon(NAME, 'mssql-logon-failed');
  if (!isUntrusted && reason?.noGuess !== true) draft.role = 'attempt';
  const event = draft.finish(line);
  writeSaid(event, isUntrusted || SSPI_DENIED.test(line.message) ? { ...said, user: undefined } : said);
  if (reason !== undefined) writeReason(event, reason);
  else if (!isUntrusted) writeFailure(event, said, head?.state);
  return event;
}

/** SQL Server, from its error log. */
export const mssql: Source = { name: NAME, programs: [], formats: [errorLog], parse: unknownMessage };
