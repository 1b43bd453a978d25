import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import { writeAccount } from './account.js';
import type { WindowsData } from './data.js';
import type { WindowsTable } from './entry.js';
import { writePeer } from './fields.js';

/** Since Windows Server 2008 the connection's id comes first: `{8A5D…}`, or `{NA}` where there is none. */
function valuesOf(data: WindowsData): { id: string | undefined; values: (string | undefined)[] } {
  const first = data.get('param1');
  const hasId = first?.startsWith('{') === true && first.endsWith('}');
  const names = hasId ? ['param2', 'param3', 'param4'] : ['param1', 'param2', 'param3'];
  return { id: hasId && first !== '{NA}' ? first : undefined, values: names.map((name) => data.get(name)) };
}

function writeSession(event: FleetEvent, data: WindowsData): boolean {
  const { id, values } = valuesOf(data);
  writeAccount(event, values[0]);
  if (id !== undefined) event['fleetwall.session.id'] = id;
  return true;
}

function writeRefusal(event: FleetEvent, data: WindowsData): boolean {
  const [account, address, reason] = valuesOf(data).values;
  writeAccount(event, account);
  writePeer(event, address);
  if (reason !== undefined) event['event.reason'] = reason;
  return true;
}

/**
 * Routing and Remote Access (provider RemoteAccess). A password is asked for after several packets went both ways, over
 * PPTP and SSTP as over L2TP and IKEv2, so the address is no forged one.
 */
export const REMOTE_ACCESS: WindowsTable = {
  20250: {
    action: 'vpn-logon',
    category: ['authentication', 'session'],
    type: TYPE.start,
    outcome: 'success',
    complete: writeSession,
  },
  20271: {
    action: 'vpn-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    role: 'attempt',
    complete: writeRefusal,
  },
  20272: {
    action: 'vpn-session-ended',
    category: CATEGORY.session,
    type: TYPE.end,
    complete: writeSession,
  },
};
