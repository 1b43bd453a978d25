import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../../event-builder.js';
import type { WindowsData } from '../data.js';
import { SUBJECT, type WindowsEntry, type WindowsTable } from '../entry.js';
import { profileName, settingName, settingValue } from '../firewall-words.js';

function ruleEvent(action: string, type: string[]): WindowsEntry {
  return {
    action,
    category: CATEGORY.configuration,
    type,
    fields: { 'rule.id': 'RuleId', 'rule.name': 'RuleName' },
    complete: writeProfile,
  };
}

function writeProfile(event: FleetEvent, data: WindowsData): boolean {
  const profile = data.get('ProfileChanged');
  if (profile !== undefined) event['fleetwall.firewall.profile'] = profileName(profile);
  return true;
}

const logCleared: WindowsEntry = {
  action: 'audit-log-cleared',
  category: CATEGORY.configuration,
  type: TYPE.deletion,
  fields: SUBJECT,
};

/** What protects the host, and who changed it ("Audit Policy Change", "Audit MPSSVC Rule-Level Policy Change"). */
export const POLICY: WindowsTable = {
  4719: {
    action: 'audit-policy-changed',
    category: CATEGORY.configuration,
    type: TYPE.change,
    fields: SUBJECT,
  },
  4946: ruleEvent('firewall-rule-added', TYPE.creation),
  4947: ruleEvent('firewall-rule-changed', TYPE.change),
  4948: ruleEvent('firewall-rule-deleted', TYPE.deletion),
  4949: { action: 'firewall-reset', category: CATEGORY.configuration, type: TYPE.change },
  4950: {
    action: 'firewall-setting-changed',
    category: CATEGORY.configuration,
    type: TYPE.change,
    complete: (event, data) => {
      writeProfile(event, data);
      const setting = data.get('SettingType');
      const value = data.get('SettingValue');
      if (setting !== undefined) event['fleetwall.firewall.setting'] = settingName(setting);
      if (value !== undefined) event['fleetwall.firewall.value'] = settingValue(value);
      return true;
    },
  },
  5025: { action: 'firewall-service-stopped', category: CATEGORY.configuration, type: TYPE.change },
};

/** Of the provider Microsoft-Windows-Eventlog. */
export const EVENT_LOG: WindowsTable = { 104: logCleared, 1102: logCleared };
