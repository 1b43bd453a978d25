import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { writeAccount } from './account.js';
import type { WindowsData } from './data.js';
import type { FieldMap } from './entry.js';

type Writer = (event: FleetEvent, field: string, text: string) => boolean;

/** Fields that are no plain text. A writer says whether the text was what the field holds. */
const WRITERS: Readonly<Record<string, Writer>> = {
  'source.ip': writeAddress,
  'destination.ip': writeAddress,
  'source.port': writePort,
  'destination.port': writePort,
  'process.pid': writePid,
  'process.parent.pid': writePid,
  'process.executable': writeExecutable,
  'process.parent.executable': writeExecutable,
  'user.account': (event, _field, text) => {
    writeAccount(event, text);
    return true;
  },
  'user.id': writeSid,
};

/** As Winlogbeat has it: who it was is copied, so that rules find it under Windows' own name too; all else moves. */
const COPIED = /^(user\.|fleetwall\.|winlog\.)/;

export function writeFields(event: FleetEvent, data: WindowsData, fields: FieldMap): void {
  for (const [field, names] of Object.entries(fields)) {
    const text = data.get(names);
    if (text === undefined) continue;
    const isWritten = (WRITERS[field] ?? writeText)(event, field, text);
    if (isWritten && !COPIED.test(field)) data.moved(names);
  }
}

function writeText(event: FleetEvent, field: string, text: string): boolean {
  event[field] = text;
  return true;
}

/** An address, with its port where it has one: `192.0.2.1:50000`, `[192.0.2.1]:50000`, `[2001:db8::1]:50000`. */
function writeAddress(event: FleetEvent, field: string, text: string): boolean {
  const split = /^(?:([\d.]{7,15})|\[([\da-fA-F:.]{2,45})\]):(\d{1,5})$/.exec(text);
  const address = peerAddress(split?.[1] ?? split?.[2] ?? text);
  if (address === undefined) return false;
  event[field] = address;
  if (split?.[3] !== undefined) writePort(event, field.replace(/ip$/, 'port'), split[3]);
  return true;
}

/**
 * The address of somebody else, in canonical form. `-`, `LOCAL`, loopback and the unspecified address tell of nobody, and a
 * workstation's name is no address.
 */
function peerAddress(text: string): string | undefined {
  const address = canonicalAddress(text.trim());
  if (address === undefined || address === '::' || address === '::1') return undefined;
  return address.startsWith('127.') || address.startsWith('0.') ? undefined : address;
}

/** The peer, where the text is the address of one: see {@link peerAddress}. */
export function writePeer(event: FleetEvent, text: string | undefined): void {
  const address = peerAddress(text ?? '');
  if (address !== undefined) event['source.ip'] = address;
}

/** Of an address that is known: alone it says nothing. */
function writePort(event: FleetEvent, field: string, text: string): boolean {
  if (event[field.replace(/port$/, 'ip')] === undefined) return false;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port === 0 || port > 65_535) return false;
  event[field] = port;
  return true;
}

/** Hex in the Security log, decimal elsewhere; 0 is nobody's. */
function writePid(event: FleetEvent, field: string, text: string): boolean {
  const pid = /^(0x[\da-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : 0;
  if (pid === 0) return false;
  event[field] = pid;
  return true;
}

/** A path, and the name at its end. */
function writeExecutable(event: FleetEvent, field: string, text: string): boolean {
  if (text === 'Unknown') return false;
  event[field] = text;
  event[field.replace(/executable$/, 'name')] = text.slice(text.lastIndexOf('\\') + 1);
  return true;
}

/** Names that are the same on every Windows, for records that name the account by its SID alone. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['S-1-5-18', 'SYSTEM'],
  ['S-1-5-19', 'LOCAL SERVICE'],
  ['S-1-5-20', 'NETWORK SERVICE'],
]);

/** A SID; that of nobody (`S-1-0-0`) tells nothing. */
function writeSid(event: FleetEvent, field: string, text: string): boolean {
  if (!/^S-1-\d{1,15}(-\d{1,10}){1,15}$/.test(text) || text === 'S-1-0-0') return false;
  event[field] = text;
  const name = WELL_KNOWN.get(text);
  if (name !== undefined && event['user.name'] === undefined) event['user.name'] = name;
  return true;
}
