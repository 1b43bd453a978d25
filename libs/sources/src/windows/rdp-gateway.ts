import { CATEGORY } from '../event-builder.js';
import type { WindowsEntry, WindowsTable } from './entry.js';

/** A session has no number of its own: all events of one connection have the same activity. */
function gateway(action: string, category: string[], type: string[]): WindowsEntry {
  return {
    action,
    category,
    type,
    fields: {
      'user.account': 'Username',
      'source.ip': 'IpAddress',
      'destination.domain': 'Resource',
      'network.protocol': 'ConnectionProtocol',
    },
    complete: (event, _data, record) => {
      if (record.activityId !== undefined) event['fleetwall.session.id'] = record.activityId;
      return true;
    },
  };
}

/**
 * TerminalServices-Gateway/Operational: the outside address of who is connected through the gateway. Who comes so far has
 * given a right password to IIS before; refusals (201, 301, 304) are those of policies and of unreachable hosts.
 */
export const RDP_GATEWAY: WindowsTable = {
  201: gateway('rdp-gateway-refused', CATEGORY.session, ['denied']),
  202: gateway('rdp-gateway-disconnected', CATEGORY.session, ['end']),
  301: gateway('rdp-gateway-refused', CATEGORY.session, ['denied']),
  302: gateway('rdp-gateway-connected', CATEGORY.session, ['start']),
  303: gateway('rdp-gateway-disconnected', CATEGORY.session, ['end']),
  304: gateway('rdp-gateway-failed', CATEGORY.session, ['error']),
  305: gateway('rdp-gateway-told', CATEGORY.session, ['info']),
};
