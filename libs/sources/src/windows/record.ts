import type { FleetEvent } from '@fleetwall/core';

/** One record of Windows' event log, whichever way it came. */
export interface WindowsRecord {
  /** System/Provider@Name */
  provider: string;
  /** System/EventID text */
  eventId: number;
  /** System/Channel */
  channel: string | undefined;
  computer: string | undefined;
  /** System/EventRecordID */
  recordId: number | undefined;
  /** System/TimeCreated@SystemTime, ms since 1970 UTC */
  timeMs: number;
  level: number | undefined;
  task: number | undefined;
  opcode: number | undefined;
  /** Hex as written. */
  keywords: string | undefined;
  /** System/Execution */
  processId: number | undefined;
  threadId: number | undefined;
  /** System/Security@UserID */
  userSid: string | undefined;
  activityId: string | undefined;
  /** EventData's Data by name, in order; unnamed ones are `param1`, `param2` … as Winlogbeat names them. Values as text. */
  data: ReadonlyMap<string, string>;
  /** UserData's leaf elements by name (the innermost element's name), when there is no EventData. */
  userData: ReadonlyMap<string, string> | undefined;
  /** RenderingInfo/Message, where a carrier has it. */
  message: string | undefined;
  /** The record as XML text (rebuilt for EVTX), lazily: kept as event.original. */
  xml(): string;
}

/** A record of which a carrier knows this much; the rest is absent. */
export function recordOf(
  known: Pick<WindowsRecord, 'provider' | 'eventId' | 'timeMs' | 'xml'> & Partial<WindowsRecord>,
): WindowsRecord {
  return {
    channel: undefined,
    computer: undefined,
    recordId: undefined,
    level: undefined,
    task: undefined,
    opcode: undefined,
    keywords: undefined,
    processId: undefined,
    threadId: undefined,
    userSid: undefined,
    activityId: undefined,
    data: new Map(),
    userData: undefined,
    message: undefined,
    ...known,
  };
}

/** Which record the event is of. */
export function writeRecord(event: FleetEvent, record: WindowsRecord): void {
  event['event.code'] = String(record.eventId);
  event['event.provider'] = record.provider;
  if (record.channel !== undefined) event['winlog.channel'] = record.channel;
  if (record.computer !== undefined) event['winlog.computer_name'] = record.computer;
  if (record.recordId !== undefined) event['winlog.record_id'] = record.recordId;
  if (record.activityId !== undefined) event['winlog.activity_id'] = record.activityId;
}
