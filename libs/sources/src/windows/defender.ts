import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';
import type { WindowsData } from './data.js';
import { type FieldMap, type WindowsEntry, type WindowsTable } from './entry.js';

/** By number, since the name is in the system's language. */
const SEVERITIES: Readonly<Record<string, string>> = { 1: 'Low', 2: 'Moderate', 4: 'High', 5: 'Severe' };

const DETECTION: FieldMap = {
  'fleetwall.malware.name': ['Threat_Name', 'Name'],
  'fleetwall.malware.severity': ['Severity_Name', 'Severity'],
  'fleetwall.malware.action': ['Action_Name', 'Action'],
  'process.executable': 'Process_Name',
  'user.account': ['Detection_User', 'User'],
};

function writeDetection(event: FleetEvent, data: WindowsData): boolean {
  const severity = SEVERITIES[data.get('Severity_ID') ?? ''];
  if (severity !== undefined) event['fleetwall.malware.severity'] = severity;
  // Before Windows 8 user and domain stand apart.
  const domain = data.get('Domain');
  if (domain !== undefined && event['user.domain'] === undefined) event['user.domain'] = domain;
  const path = filePath(data.get(['Path', 'Path_Found']) ?? '');
  if (path !== undefined) event['file.path'] = path;
  return true;
}

/** The first file of `file:_C:\a.exe; process:_pid:7`: other kinds are processes, keys of the registry and addresses. */
function filePath(text: string): string | undefined {
  const start = /(?:^|;\s?)(?:container|web)?file:_?/.exec(text);
  if (start === null) return undefined;
  const rest = text.slice(start.index + start[0].length).trimEnd();
  const end = rest.search(/;\s?[a-z]{2,20}:|\||->|;$/);
  const path = end < 0 ? rest : rest.slice(0, end);
  return path === '' ? undefined : path;
}

export function malware(action: string, positions?: readonly (string | undefined)[]): WindowsEntry {
  const entry = { action, category: CATEGORY.malware, type: TYPE.info, fields: DETECTION, complete: writeDetection };
  return positions === undefined ? entry : { ...entry, positions };
}

function setting(action: string): WindowsEntry {
  return { action, category: CATEGORY.configuration, type: TYPE.change };
}

const detected = malware('malware-detected');
const acted = malware('malware-action-taken');
const failed = malware('malware-action-failed');
const disabled = setting('antivirus-disabled');
const changed = setting('antivirus-setting-changed');

/** Microsoft Defender Antivirus, System Center Endpoint Protection and Security Essentials: one engine, one set of numbers. */
export const DEFENDER: WindowsTable = {
  1006: detected,
  1007: acted,
  1008: failed,
  1015: detected,
  1116: detected,
  1117: acted,
  1118: failed,
  1119: failed,
  5001: disabled,
  5004: changed,
  5007: changed,
  5010: disabled,
  5012: disabled,
};
