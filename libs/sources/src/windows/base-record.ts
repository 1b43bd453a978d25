import { type EventContents, indexOfField } from './event-contents.js';
import type { Field } from './event-schema.js';
import type { WindowsRecord } from './record.js';

const DIGITS = /^\d{1,16}$/;
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?$/;

/** What all records of events have, from what a reader gathered. */
export abstract class BaseRecord implements WindowsRecord {
  readonly provider: string;
  readonly eventId: number;
  readonly channel: string | undefined;
  readonly computer: string | undefined;
  readonly recordId: number | undefined;
  readonly timeMs: number;
  readonly level: number | undefined;
  readonly task: number | undefined;
  readonly opcode: number | undefined;
  readonly keywords: string | undefined;
  readonly processId: number | undefined;
  readonly threadId: number | undefined;
  readonly userSid: string | undefined;
  readonly activityId: string | undefined;
  readonly data: ReadonlyMap<string, string>;
  readonly userData: ReadonlyMap<string, string> | undefined;
  readonly message: string | undefined;

  /** Only for contents that are an event; see `isEvent`. */
  protected constructor(contents: EventContents) {
    const { texts, data, userData } = contents;
    this.provider = texts[PROVIDER] ?? '';
    this.eventId = wholeNumber(texts[EVENT_ID]) as number;
    this.channel = texts[CHANNEL];
    this.computer = texts[COMPUTER];
    this.recordId = wholeNumber(texts[RECORD_ID]);
    this.timeMs = timeOf(contents) as number;
    this.level = wholeNumber(texts[LEVEL]);
    this.task = wholeNumber(texts[TASK]);
    this.opcode = wholeNumber(texts[OPCODE]);
    this.keywords = texts[KEYWORDS];
    this.processId = wholeNumber(texts[PROCESS_ID]);
    this.threadId = wholeNumber(texts[THREAD_ID]);
    this.userSid = texts[USER_SID];
    this.activityId = texts[ACTIVITY_ID];
    this.data = data;
    this.userData = data.size === 0 && userData.size > 0 ? userData : undefined;
    this.message = texts[MESSAGE];
  }

  abstract xml(): string;
}

/** Whether there is an event id and a time, without which nothing can be said of an event. */
export function isEvent(contents: EventContents): boolean {
  return wholeNumber(contents.texts[EVENT_ID]) !== undefined && timeOf(contents) !== undefined;
}

const at = (field: Field) => indexOfField(field);
const [PROVIDER, EVENT_ID, CHANNEL, COMPUTER] = [at('provider'), at('eventId'), at('channel'), at('computer')] as const;
const [RECORD_ID, TIME, LEVEL, TASK] = [at('recordId'), at('time'), at('level'), at('task')] as const;
const [OPCODE, KEYWORDS, PROCESS_ID] = [at('opcode'), at('keywords'), at('processId')] as const;
const [THREAD_ID, USER_SID] = [at('threadId'), at('userSid')] as const;
const [ACTIVITY_ID, MESSAGE] = [at('activityId'), at('message')] as const;

/** From its decimal digits, of 0 to 2^53. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !DIGITS.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

function timeOf(contents: EventContents): number | undefined {
  return contents.timeMs ?? instantMs(contents.texts[TIME]);
}

/** An ISO 8601 instant, in UTC when it names no zone, as milliseconds since 1970, rounded down. */
function instantMs(text: string | undefined): number | undefined {
  const match = INSTANT.exec(text ?? '');
  if (match === null) return undefined;
  const [, time, fraction = '', zone = 'Z'] = match;
  const timeMs = Date.parse(`${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
