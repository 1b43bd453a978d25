/**
 * Where in an event an element stands, as far as that decides what it tells
 * (<https://learn.microsoft.com/windows/win32/wes/eventschema-schema>).
 */
export type Place = 'document' | 'event' | 'system' | 'eventData' | 'userData' | 'renderingInfo' | 'elsewhere';

/** What System and RenderingInfo tell. */
export const FIELDS = [
  ...(['provider', 'eventId', 'channel', 'computer', 'recordId', 'time', 'level', 'task', 'opcode'] as const),
  ...(['keywords', 'processId', 'threadId', 'userSid', 'activityId', 'message'] as const),
];

export type Field = (typeof FIELDS)[number];

const CONTAINERS = new Map<string, Place>([
  ['System', 'system'],
  ['EventData', 'eventData'],
  ['UserData', 'userData'],
  ['RenderingInfo', 'renderingInfo'],
]);

const SYSTEM_TEXTS = new Map<string, Field>([
  ['EventID', 'eventId'],
  ['Channel', 'channel'],
  ['Computer', 'computer'],
  ['EventRecordID', 'recordId'],
  ['Level', 'level'],
  ['Task', 'task'],
  ['Opcode', 'opcode'],
  ['Keywords', 'keywords'],
]);

const SYSTEM_ATTRIBUTES = new Map<string, Field>([
  ['Provider Name', 'provider'],
  ['TimeCreated SystemTime', 'time'],
  ['Execution ProcessID', 'processId'],
  ['Execution ThreadID', 'threadId'],
  ['Security UserID', 'userSid'],
  ['Correlation ActivityID', 'activityId'],
]);

/** Where the elements in an element stand. */
export function innerPlace(element: string, place: Place): Place {
  if (place === 'document') return element === 'Event' ? 'event' : 'elsewhere';
  if (place === 'event') return CONTAINERS.get(element) ?? 'elsewhere';
  return place === 'userData' ? 'userData' : 'elsewhere';
}

/** The field that the text of an element is. */
export function fieldOfText(element: string, place: Place): Field | undefined {
  if (place === 'renderingInfo') return element === 'Message' ? 'message' : undefined;
  return place === 'system' ? SYSTEM_TEXTS.get(element) : undefined;
}

/** The field that an attribute is. */
export function fieldOfAttribute(element: string, attribute: string, place: Place): Field | undefined {
  return place === 'system' ? SYSTEM_ATTRIBUTES.get(`${element} ${attribute}`) : undefined;
}

/** What an element of EventData is called: its Name, else its own name; empty for Data without a Name. */
export function datumName(element: string, name: string | undefined): string {
  return name ?? (element === 'Data' ? '' : element);
}
