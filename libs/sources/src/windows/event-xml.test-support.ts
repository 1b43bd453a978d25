import type { WindowsRecord } from './record.js';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function textOf(text: string): string {
  return text.replace(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w+));/g, (all, hex, dec, name) => {
    if (hex !== undefined || dec !== undefined) return String.fromCodePoint(Number.parseInt(hex ?? dec, hex ? 16 : 10));
    return ENTITIES[name] ?? all;
  });
}

function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : textOf(found.trim());
}

function attribute(xml: string, tag: string, name: string): string | undefined {
  const value = new RegExp(`<${tag}\\s[^>]*?${name}=(?:"([^"]*)"|'([^']*)')`).exec(xml);
  return value === null ? undefined : textOf(value[1] ?? value[2] ?? '');
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function dataOf(xml: string): Map<string, string> {
  const data = new Map<string, string>();
  let unnamed = 0;
  const block = /<EventData[^>]*>([\s\S]*?)<\/EventData>/.exec(xml)?.[1] ?? '';
  for (const [, attributes, value] of block.matchAll(/<Data((?:\s[^>/]*)?)(?:\/>|>([\s\S]*?)<\/Data>)/g)) {
    const name = /Name=(?:"([^"]*)"|'([^']*)')/.exec(attributes ?? '');
    const key = name === null ? `param${++unnamed}` : textOf(name[1] ?? name[2] ?? '');
    if (!data.has(key)) data.set(key, textOf(value ?? ''));
  }
  return data;
}

function userDataOf(xml: string): Map<string, string> | undefined {
  const block = /<UserData[^>]*>([\s\S]*?)<\/UserData>/.exec(xml)?.[1];
  if (block === undefined) return undefined;
  const leaves = block.matchAll(/<([A-Za-z]\w*)(?:\s[^>]*)?>([^<]*)<\/\1>/g);
  return new Map([...leaves].map(([, name, value]) => [name ?? '', textOf(value ?? '')]));
}

/** A record of event XML as tests write it: enough of XML for that, and for what Event Viewer exports. */
export function recordOfXml(xml: string): WindowsRecord {
  const time = attribute(xml, 'TimeCreated', 'SystemTime') ?? '';
  return {
    provider: attribute(xml, 'Provider', 'Name') ?? '',
    eventId: numberOf(element(xml, 'EventID')) ?? -1,
    channel: element(xml, 'Channel'),
    computer: element(xml, 'Computer'),
    recordId: numberOf(element(xml, 'EventRecordID')),
    timeMs: Date.parse(time.replace(/(\.\d{3})\d+/, '$1')),
    level: numberOf(element(xml, 'Level')),
    task: numberOf(element(xml, 'Task')),
    opcode: numberOf(element(xml, 'Opcode')),
    keywords: element(xml, 'Keywords'),
    processId: numberOf(attribute(xml, 'Execution', 'ProcessID')),
    threadId: numberOf(attribute(xml, 'Execution', 'ThreadID')),
    userSid: attribute(xml, 'Security', 'UserID'),
    activityId: attribute(xml, 'Correlation', 'ActivityID'),
    data: dataOf(xml),
    userData: userDataOf(xml),
    message: element(xml, 'Message'),
    xml: () => xml,
  };
}
