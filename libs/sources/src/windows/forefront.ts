import { CATEGORY, TYPE } from '../event-builder.js';
import { malware } from './defender.js';
import type { WindowsTable } from './entry.js';

/** `%1` … of the messages (learn.microsoft.com, cc774006: the engine is that of Windows Defender in Windows Vista). */
const POSITIONS: readonly (string | undefined)[] = [
  'Product_Name',
  'Product_Version',
  'Scan_ID',
  undefined,
  undefined,
  undefined,
  undefined,
  'Domain',
  'User',
  'SID',
  'Threat_Name',
  'Threat_ID',
  'Severity_ID',
  'Category_ID',
  'FWLink',
  'Path_Found',
  undefined,
  'Alert_Type',
  undefined,
  'Action',
];

const detected = malware('malware-detected', POSITIONS);
const acted = malware('malware-action-taken', POSITIONS);
const failed = malware('malware-action-failed', POSITIONS);

/** Forefront Client Security's antimalware agent (FCSAM), and Windows Defender of Windows Vista and 7. */
export const FOREFRONT: WindowsTable = {
  1006: detected,
  1007: acted,
  1008: failed,
  3002: {
    action: 'antivirus-failed',
    category: CATEGORY.host,
    type: TYPE.error,
    positions: ['Product_Name', 'Product_Version', 'Agent', 'Error_Code', 'Error_description'],
  },
  3004: detected,
  3005: acted,
  3006: failed,
};
