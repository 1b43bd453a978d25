/** Bits of NET_FW_PROFILE_TYPE2. */
const PROFILE_BITS: readonly [number, string][] = [
  [1, 'Domain'],
  [2, 'Private'],
  [4, 'Public'],
];

/** Profiles of a bit mask (`4`, `2147483647` is all), one as text and several as a list; undefined when there is none. */
export function profilesOf(mask: string | undefined): string | string[] | undefined {
  const bits = mask !== undefined && /^\d{1,10}$/.test(mask) ? Number(mask) : 0;
  const names = PROFILE_BITS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return names.length === 1 ? names[0] : names.length === 0 ? undefined : names;
}

/** FW_PROFILE_CONFIG of [MS-FASP] 2.2.38, in the words of Windows' own messages where it has some. */
export const PROFILE_SETTINGS: Readonly<Record<string, string>> = {
  1: 'Enable Windows Firewall',
  2: 'Disable Stealth Mode',
  3: 'Shielded Mode',
  4: 'Disable Unicast Responses to Multicast or Broadcast',
  5: 'Log Dropped Packets',
  6: 'Log Successful Connections',
  7: 'Log Ignored Rules',
  8: 'Maximum Log File Size',
  9: 'Log File Path',
  10: 'Disable Inbound Notifications',
  11: 'Allow User Preferred Merge of Authorized Applications',
  12: 'Allow User Preferred Merge of Global Ports',
  13: 'Allow Local Policy Merge',
  14: 'Allow Local IPsec Policy Merge',
  15: 'Disabled Interfaces',
  16: 'Default Outbound Action',
  17: 'Default Inbound Action',
  18: 'Disable Stealth Mode for IPsec Secured Packets',
};

/** Those of them that are on or off. */
export const SWITCHES: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6', '7', '10', '11', '12', '13', '14']);

/** FW_GLOBAL_CONFIG of [MS-FASP] 2.2.41. */
export const GLOBAL_SETTINGS: Readonly<Record<string, string>> = {
  1: 'Supported Policy Version',
  2: 'Current Profile',
  3: 'Disable Stateful FTP',
  4: 'Disable Stateful PPTP',
  5: 'Security Association Idle Time',
  6: 'Preshared Key Encoding',
  7: 'IPsec Exemptions',
  8: 'CRL Check',
  9: 'IPsec Through NAT',
  10: 'Policy Version',
  11: 'Supported Binary Version',
  12: 'IPsec Tunnel Remote Machine Authorization List',
  13: 'IPsec Tunnel Remote User Authorization List',
  14: 'Opportunistically Match Authentication Set per Keying Module',
  15: 'IPsec Transport Remote Machine Authorization List',
  16: 'IPsec Transport Remote User Authorization List',
  17: 'Enable Packet Queue',
};

const PROFILES: ReadonlyMap<string, string> = new Map([
  ['domäne', 'Domain'],
  ['privat', 'Private'],
  ['öffentlich', 'Public'],
]);

const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['enable windows defender firewall', 'Enable Windows Firewall'],
  ['windows-firewall aktivieren', 'Enable Windows Firewall'],
  ['windows defender firewall aktivieren', 'Enable Windows Firewall'],
]);

const VALUES: ReadonlyMap<string, string> = new Map([
  ['ja', 'Yes'],
  ['nein', 'No'],
]);

/** 4950 has words of the system's language where 2003 has numbers; what is not known here stays as it is. */
export function profileName(text: string): string {
  return PROFILES.get(text.toLowerCase()) ?? text;
}

export function settingName(text: string): string {
  return SETTINGS.get(text.toLowerCase()) ?? text;
}

export function settingValue(text: string): string {
  return VALUES.get(text.toLowerCase()) ?? text;
}
