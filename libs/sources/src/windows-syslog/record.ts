import type { StreamContext } from '../log-format.js';
import type { WindowsRecord } from '../windows/record.js';

/** What these carriers know of a record; the rest is absent. */
export type Known = Pick<WindowsRecord, 'provider' | 'eventId' | 'timeMs' | 'xml'> & Partial<WindowsRecord>;

export function recordOf(known: Known): WindowsRecord {
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

/** Of a line from afar the sender counts, never the name in it. */
export function hostOf(stream: StreamContext, named: string | undefined): string {
  return stream.evidence === 'handshake' ? (named ?? stream.host) : stream.host;
}
