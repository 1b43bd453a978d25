import type { AttemptRole, EvidenceClass, FleetEvent } from '@fleetwall/core';
import type { WindowsData } from './data.js';
import type { WindowsRecord } from './record.js';

/**
 * Fields of the event by the names of the data that fill them; of several names, the first that says something counts.
 * How a text becomes a value follows from the field: see fields.ts.
 */
export type FieldMap = Readonly<Record<string, string | readonly string[]>>;

/** What one event of Windows means: a row of a provider's table. */
export interface WindowsEntry {
  action: string;
  category: string[];
  type: string[];
  outcome?: 'success' | 'failure';
  /** Data that hold the code of success or failure, the finest first. They decide about the outcome where it is not given. */
  status?: readonly string[];
  /** Of failures, unless their status says that nobody guessed. */
  role?: AttemptRole;
  /** What a source address proves; `handshake` when absent. */
  evidence?: EvidenceClass;
  fields?: FieldMap;
  /** Names of data that come without a name, by position; `undefined` where nobody needs it. */
  positions?: readonly (string | undefined)[];
  /** What a table cannot say. `false`: nothing to tell after all. */
  complete?(event: FleetEvent, data: WindowsData, record: WindowsRecord): boolean;
}

/** The events of one provider, by their id. */
export type WindowsTable = Readonly<Record<number, WindowsEntry>>;

/** The account that acted. */
export const SUBJECT: FieldMap = {
  'user.name': 'SubjectUserName',
  'user.domain': 'SubjectDomainName',
  'user.id': 'SubjectUserSid',
};

/** The account that logs on or off. */
export const TARGET: FieldMap = {
  'user.name': 'TargetUserName',
  'user.domain': 'TargetDomainName',
  'user.id': ['TargetUserSid', 'TargetSid'],
};

/** The account or group that something was done to. */
export const OBJECT: FieldMap = {
  'user.target.name': 'TargetUserName',
  'user.target.domain': 'TargetDomainName',
  'user.target.id': 'TargetSid',
};

export const PEER: FieldMap = { 'source.ip': 'IpAddress', 'source.port': 'IpPort' };

export const PROCESS: FieldMap = { 'process.executable': 'ProcessName', 'process.pid': 'ProcessId' };
