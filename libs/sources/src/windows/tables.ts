import { DEFENDER } from './defender.js';
import { NEW_DEVICE, PLUG_AND_PLAY, USER_MODE_DRIVERS } from './devices.js';
import type { WindowsEntry, WindowsTable } from './entry.js';
import { FIREWALL } from './firewall.js';
import { FOREFRONT } from './forefront.js';
import { NTLM } from './ntlm.js';
import { RDP_GATEWAY } from './rdp-gateway.js';
import { REMOTE_ACCESS } from './remote-access.js';
import { RDP_CONNECTIONS, RDP_CORE, RDP_SESSIONS } from './remote-desktop.js';
import { ACCOUNTS } from './security/accounts.js';
import { DOMAIN_LOGON } from './security/domain-logon.js';
import { LOGON } from './security/logon.js';
import { LOGON_BEFORE_VISTA } from './security/logon-before-vista.js';
import { NETWORK_POLICY } from './security/network-policy.js';
import { EVENT_LOG, POLICY } from './security/policy.js';
import { SERVICES, SYSTEM_EVENTS } from './security/system.js';
import { SQL_SERVER } from './sql-server.js';

const SECURITY: WindowsTable = {
  ...LOGON,
  ...DOMAIN_LOGON,
  ...ACCOUNTS,
  ...POLICY,
  ...SYSTEM_EVENTS,
  ...NETWORK_POLICY,
  ...NEW_DEVICE,
};

/** What is read, by provider in lower case. */
export const TABLES: ReadonlyMap<string, WindowsTable> = new Map([
  ['microsoft-windows-security-auditing', SECURITY],
  ['security', LOGON_BEFORE_VISTA],
  ['microsoft-windows-eventlog', EVENT_LOG],
  ['eventlog', EVENT_LOG],
  ['service control manager', SERVICES],
  ['microsoft-windows-windows firewall with advanced security', FIREWALL],
  ['microsoft-windows-windows defender', { ...FOREFRONT, ...DEFENDER }],
  ['windefend', { ...FOREFRONT, ...DEFENDER }],
  ['microsoft antimalware', DEFENDER],
  ['fcsam', FOREFRONT],
  ['microsoft-windows-remotedesktopservices-rdpcorets', RDP_CORE],
  ['microsoft-windows-terminalservices-remoteconnectionmanager', RDP_CONNECTIONS],
  ['microsoft-windows-terminalservices-localsessionmanager', RDP_SESSIONS],
  ['microsoft-windows-terminalservices-gateway', RDP_GATEWAY],
  ['microsoft-windows-ntlm', NTLM],
  ['microsoft-windows-driverframeworks-usermode', USER_MODE_DRIVERS],
  ['microsoft-windows-kernel-pnp', PLUG_AND_PLAY],
  ['remoteaccess', REMOTE_ACCESS],
  ['mssqlserver', SQL_SERVER],
]);

/** `unknown-event`: the provider is read, this event of it is not; undefined: the provider is not. */
export function entryOf(provider: string, eventId: number): WindowsEntry | 'unknown-event' | undefined {
  const name = provider.toLowerCase();
  // Each named instance of SQL Server is a provider of its own.
  const table = TABLES.get(name.startsWith('mssql$') ? 'mssqlserver' : name);
  if (table === undefined) return undefined;
  return Object.hasOwn(table, eventId) ? table[eventId] : 'unknown-event';
}
