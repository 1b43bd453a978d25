import type { CefRecord } from './record.js';

export interface DeviceLogon {
  action: 'device-logon-failed' | 'device-logon';
  outcome: 'failure' | 'success';
  user: string | undefined;
  reason: string | undefined;
}

/**
 * The logon that a record tells of, for products whose words for it are known; undefined for all others, since every product
 * has its own.
 *
 * - FortiGate: `act=login` with `outcome=failed|success`, the account in `suser` or `duser` (log ids 32001, 32002)
 * - Windows by ArcSight's connector: signature `Microsoft-Windows-Security-Auditing:4625` and `:4624`, the account in `duser`
 */
export function logonOf({ vendor, product, code, fields }: CefRecord): DeviceLogon | undefined {
  if (vendor === 'Fortinet' && /^fortigate/i.test(product) && fields.get('act') === 'login') {
    return logon(fields.get('outcome'), fields.get('suser') ?? fields.get('duser'), fields.get('reason'));
  }
  const eventId = /^Microsoft-Windows-Security-Auditing:(462[45])$/.exec(code)?.[1];
  if (vendor !== 'Microsoft' || eventId === undefined) return undefined;
  return logon(eventId === '4625' ? 'failed' : 'success', fields.get('duser'), fields.get('reason'));
}

function logon(
  outcome: string | undefined,
  user: string | undefined,
  reason: string | undefined,
): DeviceLogon | undefined {
  if (outcome === 'failed' || outcome === 'failure') {
    return { action: 'device-logon-failed', outcome: 'failure', user, reason };
  }
  return outcome === 'success' ? { action: 'device-logon', outcome: 'success', user, reason } : undefined;
}
