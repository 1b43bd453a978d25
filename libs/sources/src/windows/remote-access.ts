import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import type { WindowsData } from './data.js';
import type { WindowsTable } from './entry.js';
import { peerAddress } from './fields.js';

/** Since Windows Server 2008 the connection's id comes first: `{8A5D…}`, or `{NA}` where there is none. */
function valuesOf(data: WindowsData): { id: string | undefined; values: (string | undefined)[] } {
  const first = data.get('param1');
  const hasId = first?.startsWith('{') === true && first.endsWith('}');
  const names = hasId ? ['param2', 'param3', 'param4', 'param5'] : ['param1', 'param2', 'param3', 'param4'];
  return { id: hasId && first !== '{NA}' ? first : undefined, values: names.map((name) => data.get(name)) };
}

function writeWho(event: FleetEvent, account: string | undefined, id: string | undefined): void {
  if (account !== undefined) {
    const at = account.indexOf('\\');
    if (at > 0) event['user.domain'] = account.slice(0, at);
    event['user.name'] = account.slice(at + 1);
  }
  if (id !== undefined) event['fleetwall.session.id'] = id;
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
    complete: (event, data) => {
      const { id, values } = valuesOf(data);
      writeWho(event, values[0], id);
      return true;
    },
  },
  20271: {
    action: 'vpn-logon-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    role: 'attempt',
    complete: (event, data) => {
      const { values } = valuesOf(data);
      writeWho(event, values[0], undefined);
      const address = peerAddress(values[1] ?? '');
      if (address !== undefined) event['source.ip'] = address;
      if (values[2] !== undefined) event['event.reason'] = values[2];
      return true;
    },
  },
  20272: {
    action: 'vpn-session-ended',
    category: CATEGORY.session,
    type: TYPE.end,
    complete: (event, data) => {
      const { id, values } = valuesOf(data);
      writeWho(event, values[0], id);
      return true;
    },
  },
};
