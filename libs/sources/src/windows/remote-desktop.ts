import { CATEGORY, TYPE } from '../event-builder.js';
import type { WindowsEntry, WindowsTable } from './entry.js';

/**
 * RdpCoreTS/Operational. 131: a connection that knows nothing yet of a logon. 140: the user name or password was wrong;
 * without the name, and beside the 4625 of the same try where that is audited.
 */
export const RDP_CORE: WindowsTable = {
  131: {
    action: 'rdp-connection',
    category: CATEGORY.network,
    type: ['connection', 'start'],
    fields: { 'source.ip': 'ClientIP' },
    complete: (event, data) => {
      if (data.get('ConnType')?.toUpperCase() !== 'TCP') event['fleetwall.evidence'] = 'spoofable';
      return true;
    },
  },
  140: {
    action: 'rdp-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    role: 'part',
    fields: { 'source.ip': 'IPString' },
  },
};

/**
 * RemoteConnectionManager/Operational. 1149 says "authentication succeeded" for every connection when Network Level
 * Authentication is off, so it is no logon; 261 names nobody.
 */
export const RDP_CONNECTIONS: WindowsTable = {
  261: { action: 'rdp-listener-connection', category: CATEGORY.network, type: TYPE.connection },
  1149: {
    action: 'rdp-user-connected',
    category: CATEGORY.network,
    type: TYPE.connection,
    fields: { 'user.name': 'Param1', 'user.domain': 'Param2', 'source.ip': 'Param3' },
  },
};

function session(action: string, type: string[], id = 'SessionID'): WindowsEntry {
  return {
    action,
    category: CATEGORY.session,
    type,
    fields: { 'user.account': 'User', 'source.ip': 'Address', 'fleetwall.session.id': id, 'event.reason': 'Reason' },
  };
}

/** LocalSessionManager/Operational: sessions at the console (address `LOCAL`) and over RDP, by their number on the host. */
export const RDP_SESSIONS: WindowsTable = {
  21: session('windows-session-started', TYPE.start),
  23: session('windows-session-ended', TYPE.end),
  24: session('windows-session-disconnected', TYPE.end),
  25: session('windows-session-reconnected', TYPE.start),
  39: session('windows-session-disconnected', TYPE.end, 'TargetSession'),
  40: session('windows-session-disconnected', TYPE.end, 'Session'),
};
