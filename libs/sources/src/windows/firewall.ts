import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import type { WindowsData } from './data.js';
import { type FieldMap, type WindowsEntry, type WindowsTable } from './entry.js';
import { GLOBAL_SETTINGS, PROFILE_SETTINGS, profilesOf, SWITCHES, settingValue } from './firewall-words.js';

const MODIFIER: FieldMap = {
  'user.id': 'ModifyingUser',
  'process.executable': 'ModifyingApplication',
};

function firewallEvent(action: string, type: string[], more: Pick<WindowsEntry, 'fields' | 'complete'>): WindowsEntry {
  return { action, category: CATEGORY.configuration, type, ...more, fields: { ...MODIFIER, ...more.fields } };
}

/** A setting of one profile, by the numbers of Windows: its words are those of the system's language. */
const profileSetting = firewallEvent('firewall-setting-changed', TYPE.change, {
  complete: (event, data) => {
    const code = data.get('SettingType') ?? '';
    writeSetting(event, PROFILE_SETTINGS[code] ?? code, SWITCHES.has(code), data);
    return writeProfile(event, data);
  },
});

const globalSetting = firewallEvent('firewall-setting-changed', TYPE.change, {
  complete: (event, data) => {
    const code = data.get('SettingType') ?? '';
    writeSetting(event, GLOBAL_SETTINGS[code] ?? code, false, data);
    return true;
  },
});

function writeSetting(event: FleetEvent, name: string, isSwitch: boolean, data: WindowsData): void {
  if (name !== '') event['fleetwall.firewall.setting'] = name;
  // A little-endian number in hex: off is 00000000.
  const bytes = data.get('SettingValue') ?? '';
  const text = data.get('SettingValueString') ?? bytes;
  if (isSwitch && /^[0-9a-fA-F]{8}$/.test(bytes)) event['fleetwall.firewall.value'] = /^0+$/.test(bytes) ? 'No' : 'Yes';
  else if (text !== '') event['fleetwall.firewall.value'] = settingValue(text);
}

function writeProfile(event: FleetEvent, data: WindowsData): boolean {
  const profiles = profilesOf(data.get('Profiles'));
  if (profiles !== undefined) event['fleetwall.firewall.profile'] = profiles;
  return true;
}

function ruleEvent(action: string, type: string[]): WindowsEntry {
  return firewallEvent(action, type, {
    fields: { 'rule.id': 'RuleId', 'rule.name': 'RuleName' },
    complete: writeProfile,
  });
}

const added = ruleEvent('firewall-rule-added', TYPE.creation);
const changed = ruleEvent('firewall-rule-changed', TYPE.change);
const deleted = ruleEvent('firewall-rule-deleted', TYPE.deletion);
const allDeleted = ruleEvent('firewall-rules-deleted', TYPE.deletion);
const reset = ruleEvent('firewall-reset', TYPE.change);

/** Windows Firewall With Advanced Security; Windows 11 and Server 2022 have new numbers for the same. */
export const FIREWALL: WindowsTable = {
  2002: globalSetting,
  2083: globalSetting,
  2003: profileSetting,
  2082: profileSetting,
  2004: added,
  2071: added,
  2097: added,
  2005: changed,
  2073: changed,
  2099: changed,
  2006: deleted,
  2052: deleted,
  2033: allDeleted,
  2059: allDeleted,
  2032: reset,
  2060: reset,
  2008: ruleEvent('firewall-policy-changed', TYPE.change),
  2009: ruleEvent('firewall-policy-failed', TYPE.error),
};
