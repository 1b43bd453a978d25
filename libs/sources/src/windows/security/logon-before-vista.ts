import { CATEGORY, TYPE } from '../../event-builder.js';
import { PEER, TARGET, type WindowsEntry, type WindowsTable } from '../entry.js';
import { type FailureReason, writeReason } from '../status.js';
import { writeLogonType } from './logon.js';

/** Windows 2000 has the first six; Windows Server 2003 all. */
const CALLER = [
  'SubjectUserName',
  'SubjectDomainName',
  'SubjectLogonId',
  'ProcessId',
  'TransmittedServices',
  'IpAddress',
  'IpPort',
];
const WHO = ['TargetUserName', 'TargetDomainName'];
const HOW = ['LogonType', 'LogonProcessName', 'AuthenticationPackageName', 'WorkstationName'];

function failure(reason: FailureReason, more: readonly string[] = []): WindowsEntry {
  return {
    action: 'windows-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    ...(reason.noGuess === true ? {} : { role: 'attempt' }),
    positions: [...WHO, ...HOW, ...more, ...CALLER],
    fields: { ...TARGET, ...PEER, 'process.pid': 'ProcessId' },
    complete: (event, data) => {
      writeReason(event, reason);
      return writeLogonType(event, data);
    },
  };
}

const logon: WindowsEntry = {
  action: 'windows-logon',
  category: ['authentication', 'session'],
  type: TYPE.start,
  outcome: 'success',
  positions: [...WHO, 'TargetLogonId', ...HOW, 'LogonGuid', ...CALLER],
  fields: { ...TARGET, ...PEER, 'winlog.logon.id': 'TargetLogonId', 'fleetwall.session.id': 'TargetLogonId' },
  complete: writeLogonType,
};

/** The same events of Windows 2000, XP and Server 2003, whose data have no names: their order is that of the messages. */
export const LOGON_BEFORE_VISTA: WindowsTable = {
  528: logon,
  529: failure({ text: 'wrong user name or password' }),
  530: failure({ text: 'outside the allowed hours', userKnown: true }),
  531: failure({ text: 'account disabled', userKnown: true, state: 'disabled' }),
  532: failure({ text: 'account expired', userKnown: true, state: 'expired' }),
  533: failure({ text: 'workstation not allowed', userKnown: true }),
  534: failure({ text: 'logon type not granted', userKnown: true, noGuess: true }),
  535: failure({ text: 'password expired', userKnown: true, noGuess: true }),
  536: failure({ text: 'Netlogon is not running', noGuess: true }),
  537: failure({ text: 'an error occurred during logon' }, ['Status', 'SubStatus']),
  538: {
    action: 'windows-logoff',
    category: CATEGORY.session,
    type: TYPE.end,
    positions: [...WHO, 'TargetLogonId', 'LogonType'],
    fields: { ...TARGET, 'winlog.logon.id': 'TargetLogonId', 'fleetwall.session.id': 'TargetLogonId' },
    complete: writeLogonType,
  },
  539: failure({ text: 'account locked out', userKnown: true, state: 'locked' }),
  540: logon,
};
