import { CATEGORY, TYPE } from '../event-builder.js';
import { type WindowsEntry, type WindowsTable } from './entry.js';

function ntlm(action: string): WindowsEntry {
  return {
    action,
    category: CATEGORY.authentication,
    type: TYPE.info,
    fields: {
      'user.name': ['UserName', 'ClientUserName'],
      'user.domain': ['DomainName', 'ClientDomainName'],
      'process.executable': 'ProcessName',
      'process.pid': ['CallerPID', 'PID'],
      'destination.domain': ['TargetName', 'SChannelName'],
    },
  };
}

/** Microsoft-Windows-NTLM/Operational: use of NTLM that is audited or blocked. No outcome, and no address. */
export const NTLM: WindowsTable = {
  8001: ntlm('ntlm-outgoing'),
  8002: ntlm('ntlm-incoming'),
  8003: ntlm('ntlm-incoming'),
  8004: ntlm('ntlm-domain-logon'),
};
