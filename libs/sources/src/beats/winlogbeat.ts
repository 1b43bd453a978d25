import { hash } from 'node:crypto';
import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { EventDraft } from '../event-builder.js';
import type { Unparsed } from '../source.js';
import { placeOf } from './identity.js';
import type { JsonRecord } from './json-record.js';
import { isGuess, type LogonRecord, REASONS, WINDOWS_LOGONS } from './windows-logon.js';

const PROVIDER = 'Microsoft-Windows-Security-Auditing';
/** Of `winlog.event_data`, kept as Winlogbeat names them. */
const KEPT = ['LogonType', 'Status', 'SubStatus', 'WorkstationName', 'LogonProcessName', 'TargetLogonId'];

/**
 * The event of a logon record of Windows' Security log, as Winlogbeat writes it with or without its security module.
 * Fields come from `winlog.event_data`, which Windows itself filled; the module's `source.ip` and `user.name` stand in where
 * it moved them away. Each failed logon is a try by itself, with an id from its own record.
 */
export function readWindowsRecord(record: JsonRecord, host: string, timeMs: number): FleetEvent | Unparsed {
  const provider = record.text('winlog.provider_name') ?? record.text('event.provider') ?? 'windows';
  const id = record.number('winlog.event_id') ?? record.number('event.code');
  if (provider !== PROVIDER) return { unparsed: 'unknown-program', program: provider };
  const logon = WINDOWS_LOGONS.get(id ?? -1);
  if (logon === undefined) return { unparsed: 'unknown-message', program: `${provider} ${id}` };
  const event = draftOf(record, logon).finish({
    original: record.text('event.original') ?? record.text('message') ?? '',
    timeMs,
    host,
    program: provider,
    pid: undefined,
    message: '',
    evidence: logon.evidence,
  });
  if (event['fleetwall.attempt.role'] !== undefined) event['fleetwall.attempt.id'] = attemptIdOf(record, host);
  return withWindowsFields(event, record, String(id));
}

function draftOf(record: JsonRecord, logon: LogonRecord): EventDraft {
  const status = statusOf(record);
  const isFailure = logon.outcome === 'failure' || (logon.outcome === 'status' && status !== '0x0');
  const outcome = isFailure ? 'failure' : logon.outcome === undefined ? undefined : 'success';
  const action = isFailure ? `${logon.action}-failed` : logon.action;
  const draft = new EventDraft('windows', action, logon.category, logon.type, outcome);
  draft.user = userOf(record);
  draft.ip = addressOf(record);
  if (draft.ip !== undefined) draft.port = portOf(record);
  if (!isFailure) return draft;
  const reason = REASONS.get(status);
  draft.reason = reason?.text;
  draft.userKnown = reason?.userKnown;
  if (logon.counts && isGuess(status)) draft.role = 'attempt';
  return draft;
}

function withWindowsFields(event: FleetEvent, record: JsonRecord, code: string): FleetEvent {
  event['event.code'] = code;
  event['event.provider'] = PROVIDER;
  // A lockout has the name of the computer that it came from there.
  const isCaller = code === '4740';
  const domain = isCaller ? undefined : (said(dataOf(record, 'TargetDomainName')) ?? said(record.text('user.domain')));
  if (domain !== undefined) event['user.domain'] = domain;
  const channel = record.text('winlog.channel');
  if (channel !== undefined) event['winlog.channel'] = channel;
  const recordId = record.number('winlog.record_id');
  if (recordId !== undefined) event['winlog.record_id'] = recordId;
  for (const name of KEPT) {
    const value = said(dataOf(record, name));
    if (value !== undefined) event[`winlog.event_data.${name}`] = value;
  }
  return event;
}

/** The finer status where there is one, in lower case: `0xc000006a`. */
function statusOf(record: JsonRecord): string {
  const status = (dataOf(record, 'Status') ?? '').toLowerCase();
  const subStatus = (dataOf(record, 'SubStatus') ?? record.text('winlog.logon.failure.sub_status') ?? '').toLowerCase();
  return /^0xc/.test(subStatus) ? subStatus : status;
}

/** Where the peer was; `-`, loopback and the unspecified address tell of none, a workstation's name is no address. */
function addressOf(record: JsonRecord): string | undefined {
  const text = dataOf(record, 'IpAddress') ?? record.text('source.ip');
  const address = text === undefined ? undefined : canonicalAddress(text);
  if (address === undefined || address === '0.0.0.0' || address === '::' || address === '::1') return undefined;
  return address.startsWith('127.') ? undefined : address;
}

function portOf(record: JsonRecord): number | undefined {
  const port = record.number('winlog.event_data.IpPort') ?? record.number('source.port');
  return port !== undefined && port > 0 && port <= 65_535 ? port : undefined;
}

function userOf(record: JsonRecord): string | undefined {
  return said(dataOf(record, 'TargetUserName') ?? record.text('user.name'));
}

function dataOf(record: JsonRecord, name: string): string | undefined {
  return record.text(`winlog.event_data.${name}`);
}

/** Windows writes `-` for what it does not know. */
function said(text: string | undefined): string | undefined {
  return text === '-' || text === '' ? undefined : text;
}

function attemptIdOf(record: JsonRecord, host: string): string {
  const place = placeOf(record) ?? ['winlog', JSON.stringify(record.fields)];
  return hash('sha256', JSON.stringify([host, ...place]), 'hex').slice(0, 12);
}
