import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../../event-builder.js';
import type { WindowsData } from '../data.js';
import { type FieldMap, PEER, PROCESS, SUBJECT, TARGET, type WindowsEntry, type WindowsTable } from '../entry.js';

const SESSION_START = ['authentication', 'session'];

/** `winlog.logon.type` as Winlogbeat names the types. */
const LOGON_TYPES: Readonly<Record<string, string>> = {
  0: 'System',
  2: 'Interactive',
  3: 'Network',
  4: 'Batch',
  5: 'Service',
  7: 'Unlock',
  8: 'NetworkCleartext',
  9: 'NewCredentials',
  10: 'RemoteInteractive',
  11: 'CachedInteractive',
  12: 'CachedRemoteInteractive',
  13: 'CachedUnlock',
};

export function writeLogonType(event: FleetEvent, data: WindowsData): boolean {
  const type = LOGON_TYPES[data.get('LogonType') ?? ''];
  if (type !== undefined) event['winlog.logon.type'] = type;
  return true;
}

/** The session is the logon: 4634 and 4647 end it under the same id. */
const LOGON_ID: FieldMap = { 'winlog.logon.id': 'TargetLogonId', 'fleetwall.session.id': 'TargetLogonId' };

const logoff: WindowsEntry = {
  action: 'windows-logoff',
  category: CATEGORY.session,
  type: TYPE.end,
  fields: { ...TARGET, ...LOGON_ID },
  complete: writeLogonType,
};

const sessionEvent = (action: string, type: string[]): WindowsEntry => ({
  action,
  category: CATEGORY.session,
  type,
  fields: {
    'user.name': 'AccountName',
    'user.domain': 'AccountDomain',
    'source.ip': 'ClientAddress',
    'fleetwall.session.id': 'LogonID',
    'winlog.logon.id': 'LogonID',
  },
});

/** Logons, logoffs and sessions of the Security log since Vista (learn.microsoft.com, "Audit Logon" and its events). */
export const LOGON: WindowsTable = {
  4624: {
    action: 'windows-logon',
    category: SESSION_START,
    type: TYPE.start,
    outcome: 'success',
    fields: { ...TARGET, ...PEER, ...PROCESS, ...LOGON_ID },
    complete: writeLogonType,
  },
  4625: {
    action: 'windows-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    status: ['SubStatus', 'Status'],
    role: 'attempt',
    fields: { ...TARGET, ...PEER, ...PROCESS },
    complete: writeLogonType,
  },
  4634: logoff,
  4647: logoff,
  4648: {
    action: 'windows-explicit-logon',
    category: CATEGORY.authentication,
    type: TYPE.info,
    fields: { ...TARGET, ...PEER, ...PROCESS, 'user.id': 'TargetUserSid', 'destination.domain': 'TargetServerName' },
  },
  4672: {
    action: 'windows-special-logon',
    category: CATEGORY.iam,
    type: ['admin'],
    fields: { ...SUBJECT, 'winlog.logon.id': 'SubjectLogonId' },
  },
  4778: sessionEvent('windows-session-reconnected', TYPE.start),
  4779: sessionEvent('windows-session-disconnected', TYPE.end),
};
