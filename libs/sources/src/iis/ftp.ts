import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { RecentMap } from '../recent-map.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed, unknownMessage } from '../source.js';
import type { W3cValues } from '../w3c/columns.js';
import { writeAccount } from '../windows/account.js';
import { drawReason, reasonOfError } from '../windows/status.js';
import { NAME } from './request.js';

const MAX_SESSIONS = 10_000;
const SERVICE = 'iis-ftp';

/** Errors of Windows after a logon that was good: no such folder, no right to it. */
const AFTER_LOGON = new Set([2, 3, 5]);

interface FtpCommand {
  peer: string;
  session: string;
  /** In upper case. */
  verb: string;
  argument: string | undefined;
  status: number;
  win32Status: number;
}

/** `[7]USER`: the FTP of IIS 4 to 6 has the number of the session before the command, which no HTTP method can have. */
const OLD_COMMAND = /^\[(\d{1,10})\]([A-Za-z]{1,20})$/;

export function isOldFtpCommand(values: W3cValues): boolean {
  return values.get('cs-method')?.charCodeAt(0) === 91;
}

function commandOf(values: W3cValues): FtpCommand | undefined {
  const peer = canonicalAddress(values.get('c-ip') ?? '');
  const status = values.number('sc-status');
  const method = values.get('cs-method') ?? '';
  const old = OLD_COMMAND.exec(method);
  if (peer === undefined || status === undefined) return undefined;
  return {
    peer,
    session: values.get('x-session') ?? `${peer} ${old?.[1]}`,
    verb: (old?.[2] ?? method).toUpperCase(),
    argument: values.get('cs-uri-stem'),
    status,
    win32Status: values.number('sc-win32-status') ?? 0,
  };
}

/** The commands of one FTP log, in their order: USER says who, PASS what came of it. */
export class FtpCommands {
  readonly #users = new RecentMap<string>(MAX_SESSIONS);

  read(line: LogLine, values: W3cValues): FleetEvent | Unparsed {
    const command = commandOf(values);
    if (command === undefined) return unknownMessage(line);
    const { verb, session, argument, status } = command;
    if (verb === 'USER') {
      if (argument !== undefined) this.#users.set(session, argument);
      return notRelevant(line);
    }
    if (verb !== 'PASS') return notRelevant(line);
    const user = this.#users.get(session);
    if (status === 230) return ftpEvent(line, command, logon(NAME, 'ftp-logon'), values.get('cs-username') ?? user);
    return status === 530 ? failureOf(line, command, user) : notRelevant(line);
  }
}

function failureOf(line: LogLine, command: FtpCommand, user: string | undefined): FleetEvent {
  const reason = reasonOfError(command.win32Status);
  const draft = failedLogon(NAME, 'ftp-logon-failed');
  drawReason(draft, reason);
  if (reason?.noGuess !== true && !AFTER_LOGON.has(command.win32Status)) draft.role = 'attempt';
  return ftpEvent(line, command, draft, user);
}

function ftpEvent(
  line: LogLine,
  { peer }: FtpCommand,
  draft: ReturnType<typeof logon>,
  user: string | undefined,
): FleetEvent {
  setSource(draft, peer);
  draft.service = SERVICE;
  const event = draft.finish(line);
  writeAccount(event, user);
  event['network.application'] = 'ftp';
  return event;
}
