import { CATEGORY, TYPE } from '../../event-builder.js';
import { SUBJECT, type WindowsEntry, type WindowsTable } from '../entry.js';

/** `%%14592` is inbound, `%%14593` outbound. An address of a dropped packet is what its sender wrote there. */
function blocked(action: string): WindowsEntry {
  return {
    action,
    category: CATEGORY.network,
    type: ['connection', 'denied'],
    evidence: 'spoofable',
    fields: {
      'source.ip': 'SourceAddress',
      'source.port': 'SourcePort',
      'destination.ip': 'DestAddress',
      'destination.port': 'DestPort',
      'network.iana_number': 'Protocol',
      'process.executable': 'Application',
      'process.pid': ['ProcessId', 'ProcessID'],
    },
    complete: (event, data) => {
      const direction = DIRECTIONS[data.get('Direction') ?? ''];
      if (direction !== undefined) event['network.direction'] = direction;
      return true;
    },
  };
}

const DIRECTIONS: Readonly<Record<string, string>> = { '%%14592': 'inbound', '%%14593': 'outbound' };

/** Processes, services and packets of the Security log. */
export const SYSTEM_EVENTS: WindowsTable = {
  4688: {
    action: 'process-started',
    category: CATEGORY.process,
    type: TYPE.start,
    fields: {
      ...SUBJECT,
      'process.executable': 'NewProcessName',
      'process.pid': 'NewProcessId',
      'process.command_line': 'CommandLine',
      'process.parent.executable': 'ParentProcessName',
      'process.parent.pid': 'ProcessId',
    },
  },
  4697: {
    action: 'service-installed',
    category: CATEGORY.configuration,
    type: TYPE.creation,
    fields: { ...SUBJECT, 'service.name': 'ServiceName' },
  },
  5152: blocked('packet-blocked'),
  5157: blocked('connection-blocked'),
};

/** Of the Service Control Manager. */
export const SERVICES: WindowsTable = {
  7045: {
    action: 'service-installed',
    category: CATEGORY.configuration,
    type: TYPE.creation,
    positions: ['ServiceName', 'ImagePath', 'ServiceType', 'StartType', 'AccountName'],
    fields: { 'service.name': 'ServiceName' },
    complete: (event, _data, record) => {
      if (record.userSid !== undefined) event['user.id'] = record.userSid;
      return true;
    },
  },
};
