import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import { writeAccount } from './account.js';
import type { WindowsData } from './data.js';
import { type WindowsEntry, type WindowsTable } from './entry.js';
import { writePeer } from './fields.js';
import type { WindowsRecord } from './record.js';
import { type SqlServerText, sqlServerText } from './sql-server-text.js';
import { type FailureReason, writeReason } from './status.js';

interface SqlState extends FailureReason {
  /** State of error 18456, where its text tells it. */
  state18456: number;
  starts: string;
}

/**
 * Texts of the reason by the state of 18456 (learn.microsoft.com, "MSSQLSERVER_18456"). The event has the text alone, in the
 * server's language: other languages keep their text and no state.
 */
const STATES: readonly SqlState[] = [
  { starts: 'Could not find a login', state18456: 5, text: 'no such user', userKnown: false },
  { starts: 'Attempting to use an NT account name', state18456: 6, text: 'Windows account over SQL authentication' },
  { starts: 'The account is disabled', state18456: 7, text: 'account disabled', userKnown: true, state: 'disabled' },
  { starts: 'An error occurred while evaluating the password', state18456: 7, text: 'wrong password', userKnown: true },
  { starts: 'Password did not match', state18456: 8, text: 'wrong password', userKnown: true },
  { starts: 'Invalid password', state18456: 9, text: 'wrong password' },
  { starts: 'Token-based server access validation failed', state18456: 11, text: 'no access', noGuess: true },
  { starts: 'Login-based server access validation failed', state18456: 12, text: 'no access', noGuess: true },
  { starts: 'SQL Server service is paused', state18456: 13, text: 'server paused', noGuess: true },
  {
    starts: 'Failed to open the explicitly specified database',
    state18456: 38,
    text: 'no such database',
    noGuess: true,
  },
  { starts: 'Failed to open the database', state18456: 40, text: 'no such database', noGuess: true },
  { starts: 'Failed to open the specified database', state18456: 46, text: 'no such database', noGuess: true },
  { starts: 'Password change failed', state18456: 18, text: 'password must be changed', noGuess: true },
  {
    starts: 'An attempt to login using SQL authentication failed',
    state18456: 58,
    text: 'SQL authentication is off',
  },
];

const POSITIONS = ['User', 'Reason', 'Client'];

/** The service of one instance: tries of its own, told of by several records. */
const SERVICE = 'mssql';

/** The three texts of the record, or the message as a whole where a carrier has nothing else. */
function saidIn(data: WindowsData, record: WindowsRecord): SqlServerText {
  const user = data.get('User');
  if (user === undefined && record.message !== undefined) return sqlServerText(record.message);
  const reason = data.get('Reason');
  const client = data.get('Client');
  // A success, and SQL Server 2005, have no reason.
  if (client === undefined && reason?.trim().startsWith('[')) return { user, reason: undefined, client: reason };
  return { user, reason, client };
}

export function writeSaid(event: FleetEvent, { user, client }: SqlServerText): void {
  event['service.type'] = SERVICE;
  writeAccount(event, user);
  writePeer(event, /^\s*\[\p{L}{3,12}\s?[:：]\s?([\da-fA-F.:]{2,45})\]\s*$/u.exec(client ?? '')?.[1]);
}

const DATABASE =
  /datab(?:as|an)|datenbank|base de (?:donn|dato|dado)|banco de dados|баз\S{0,3} данн|数据库|資料庫|データベース|데이터베이스/iu;

/** In languages whose reasons are not known: who came so far that a database was opened, or whom Windows had let in. */
function isAboutAccess(said: SqlServerText, reason: string): boolean {
  return DATABASE.test(reason) || (reason !== '' && said.user?.includes('\\') === true);
}

/**
 * Reason: in English before the colon, `Raison :` in French, `Ursache:` in German.
 *
 * @param number state of error 18456, where it is printed beside the text
 */
export function writeFailure(event: FleetEvent, said: SqlServerText, number?: number): void {
  const text = said.reason?.replace(/^\s*\p{L}{3,12}\s?:\s*/u, '').trim();
  const state =
    STATES.find(({ starts }) => text?.startsWith(starts)) ?? STATES.find(({ state18456 }) => state18456 === number);
  if (state !== undefined) {
    event['fleetwall.mssql.state'] = state.state18456;
    writeReason(event, state);
  } else if (text !== undefined && text !== '') {
    event['event.reason'] = text;
  }
  if (state?.noGuess ?? isAboutAccess(said, text ?? '')) {
    event['event.action'] = 'mssql-access-denied';
    delete event['event.outcome'];
    delete event['fleetwall.attempt.role'];
  }
}

function failure(reason?: FailureReason): WindowsEntry {
  return {
    action: 'mssql-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    role: 'attempt',
    positions: POSITIONS,
    complete: (event, data, record) => {
      const said = saidIn(data, record);
      writeSaid(event, said);
      if (reason === undefined) writeFailure(event, said);
      else writeReason(event, reason);
      if (reason?.noGuess === true) delete event['fleetwall.attempt.role'];
      return true;
    },
  };
}

const success: WindowsEntry = {
  action: 'mssql-logon',
  category: CATEGORY.authentication,
  type: TYPE.start,
  outcome: 'success',
  positions: ['User', 'Client'],
  complete: (event, data, record) => {
    writeSaid(event, saidIn(data, record));
    return true;
  },
};

/** Errors that tell of the account by themselves. */
export const ACCOUNT_ERRORS: ReadonlyMap<number, FailureReason> = new Map<number, FailureReason>([
  [18470, { text: 'account disabled', userKnown: true, state: 'disabled' }],
  [18486, { text: 'account locked out', userKnown: true, state: 'locked' }],
  [18487, { text: 'password expired', userKnown: true, noGuess: true }],
  [18488, { text: 'password must be changed', userKnown: true, noGuess: true }],
]);

/** Logons of SQL Server (providers MSSQLSERVER and MSSQL$INSTANCE). */
export const SQL_SERVER: WindowsTable = {
  18453: success,
  18454: success,
  18455: success,
  18456: failure(),
  ...Object.fromEntries([...ACCOUNT_ERRORS].map(([error, reason]) => [error, failure(reason)])),
};
