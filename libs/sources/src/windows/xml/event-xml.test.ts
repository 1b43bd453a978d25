import {
  EVTX_EVENT,
  EvtxChunkBuilder,
  evtxEventValues,
  evtxLogonData,
  growthOf,
  IN_PROPORTION,
} from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Damage } from '../damage.js';
import { readChunk } from '../evtx/chunk.js';
import { MAX_EVENT_CHARACTERS } from './event-xml-reader.js';
import { parseEventXml, readEventXml } from './read-event-xml.js';
import type { XmlRecord } from './xml-record.js';

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

const system = (id: number) =>
  `<System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>` +
  `<EventID>4625</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode>` +
  `<Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime='2026-11-01T12:00:00.1234567Z'/>` +
  `<EventRecordID>${id}</EventRecordID><Correlation ActivityID='{00000000-0000-0000-0000-000000000001}'/>` +
  `<Execution ProcessID='600' ThreadID='2784'/><Channel>Security</Channel><Computer>dc-01.example.com</Computer>` +
  `<Security UserID='S-1-5-18'/></System>`;

/** As `wevtutil qe /f:xml` writes a failed logon; the user is written as it is given. */
const event = (id: number, user: string) =>
  `<Event xmlns='${NAMESPACE}'>${system(id)}<EventData><Data Name='TargetUserName'>${user}</Data>` +
  `<Data Name='IpAddress'>192.0.2.7</Data></EventData></Event>`;

function read(text: string): { records: XmlRecord[]; damage: Damage[] } {
  const damage: Damage[] = [];
  return { records: parseEventXml(text, (one) => damage.push(one)), damage };
}

const usersOf = ({ records }: { records: XmlRecord[] }) => records.map((record) => record.data.get('TargetUserName'));

describe('the XML text of events', () => {
  it('gives all that System says', () => {
    const { records, damage } = read(event(7, 'alice'));
    const { data, ...fields } = records[0] as XmlRecord;
    expect(damage).toEqual([]);
    expect([...data]).toEqual([
      ['TargetUserName', 'alice'],
      ['IpAddress', '192.0.2.7'],
    ]);
    expect(fields).toEqual({
      ...{ provider: 'Microsoft-Windows-Security-Auditing', eventId: 4625, channel: 'Security', recordId: 7 },
      ...{
        computer: 'dc-01.example.com',
        timeMs: Date.UTC(2026, 10, 1, 12, 0, 0, 123),
        level: 0,
        task: 12544,
        opcode: 0,
      },
      ...{ keywords: '0x8010000000000000', processId: 600, threadId: 2784, userSid: 'S-1-5-18' },
      ...{ activityId: '{00000000-0000-0000-0000-000000000001}', userData: undefined, message: undefined },
    });
  });

  it.each([
    ['one behind the other', `${event(1, 'alice')}\r\n${event(2, 'bob')}`],
    [
      'in an element',
      `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>${event(1, 'alice')}${event(2, 'bob')}</Events>`,
    ],
    [
      'with a prefix',
      event(1, 'alice')
        .replace(/<(\/?)/g, '<$1e:')
        .replace('xmlns', 'xmlns:e') + event(2, 'bob'),
    ],
    ['among comments', `<!-- <Event> -->${event(1, 'alice')}<?x <Event> ?>${event(2, 'bob')}`],
    [
      'in envelopes of a subscription',
      `<s:Envelope><s:Body><w:Events><w:Event Action="x"><![CDATA[${event(1, 'alice')}]]></w:Event>` +
        `<w:Event Action="x"><![CDATA[${event(2, 'bob')}]]></w:Event></w:Events></s:Body></s:Envelope>`,
    ],
  ])('may stand %s', (_, text) => {
    const result = read(text);
    expect(result.damage).toEqual([]);
    expect(usersOf(result)).toEqual(['alice', 'bob']);
    expect(result.records[1]?.xml()).toBe(event(2, 'bob'));
  });

  it('has data without a name, data of other elements, and the first of two of the same name', () => {
    const data =
      '<EventData><Data>a</Data><Data Name="x">b</Data><Data/><Binary>0D0A</Binary><Data Name="x">c</Data></EventData>';
    const { records } = read(`<Event>${system(1)}${data}</Event>`);
    expect([...(records[0] as XmlRecord).data]).toEqual([
      ['param1', 'a'],
      ['x', 'b'],
      ['param3', ''],
      ['Binary', '0D0A'],
    ]);
  });

  it('has leaves of UserData where there is no EventData, and a rendered message', () => {
    const userData =
      "<UserData><EventXML xmlns='Event_NS'><User>alice</User><Address>192.0.2.7</Address><In><User>x</User></In></EventXML></UserData>";
    const rendering =
      '<RenderingInfo Culture="en-US"><Message>a &amp; b\r\nc</Message><Level>Info</Level></RenderingInfo>';
    const { records } = read(`<Event>${system(1)}${userData}${rendering}</Event>`);
    expect([...(records[0]?.userData ?? [])]).toEqual([
      ['User', 'alice'],
      ['Address', '192.0.2.7'],
    ]);
    expect(records[0]).toMatchObject({ message: 'a & b\r\nc', level: 0 });
  });

  it.each([
    ['utf-8', (text: string) => Buffer.from(text)],
    ['utf-8 with a mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['utf-16le with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
    ['utf-16be with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['utf-16be', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    [
      'windows-1252, as it says',
      (text: string) => Buffer.from(`<?xml version='1.0' encoding='windows-1252'?>${text}`, 'latin1'),
    ],
    ['utf-8, whatever it says', (text: string) => Buffer.from(`<?xml version='1.0' encoding='UTF-16'?>${text}`)],
    ['an encoding nobody knows', (text: string) => Buffer.from(`<?xml version='1.0' encoding='x-none'?>${text}`)],
  ])('is read in %s, in pieces of any size', async (_, encoded) => {
    const bytes = encoded(event(1, 'jürgen') + event(2, 'bob'));
    for (const size of [1, 7, 255, 256, 257, bytes.length]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const records: XmlRecord[] = [];
      for await (const record of readEventXml(pieces, (damage) => expect(damage).toBeUndefined())) records.push(record);
      expect(usersOf({ records })).toEqual(['jürgen', 'bob']);
    }
  });

  it('of nothing at all has no event', async () => {
    for await (const record of readEventXml([], () => {})) expect(record).toBeUndefined();
  });
});

describe('A17: a name that the peer chose', () => {
  const escaped = (text: string) =>
    text.replace(/[&<>]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one] as string);

  it.each([
    'a</Data><Data Name="IpAddress">203.0.113.9',
    '<![CDATA[x]]>',
    '&lt;&amp;lt;&#60;',
    '<!--',
    ']]>',
    '</Event><Event>',
    'a\u0001b\u001b[2Jc\u0000d',
    '\u202e\u2066',
  ])('%j is text', (user) => {
    const result = read(event(1, escaped(user)));
    expect(result.damage).toEqual([]);
    expect([...(result.records[0] as XmlRecord).data]).toEqual([
      ['TargetUserName', user],
      ['IpAddress', '192.0.2.7'],
    ]);
  });

  it('as references: control characters are kept, what is no character is marked', () => {
    expect(usersOf(read(event(1, '&#1;&#x1B;&#xD800;&#x110000;&#0;&none;&#60;b')))).toEqual([
      '\u0001\u001b\ufffd\ufffd\ufffd&none;<b',
    ]);
  });

  it('is the same by way of an EVTX file', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((one) => one.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom('a</Data><Data Name="IpAddress">x', '&amp;', '\r\n', ' ')), (user) => {
        const chunk = new EvtxChunkBuilder();
        chunk.add(EVTX_EVENT, evtxEventValues(1, evtxLogonData(user)));
        const [record] = readChunk(chunk.finish(), { index: 0, offset: 0 }, () => {});
        expect(record?.data.get('TargetUserName')).toBe(user);
        expect(usersOf(read(record?.xml() ?? ''))).toEqual([user]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('XML text that is damaged', () => {
  const after = event(2, 'bob');

  it.each([
    ['a tag that ends nothing', event(1, 'x').replace('</Data>', '</Date>'), 'markup'],
    ['an event that is cut off', event(1, 'x').slice(0, 300), 'markup'],
    ['an event that is cut off in its data', event(1, 'x').slice(0, -30), 'markup'],
    ['a tag that is none', event(1, '<"'), 'markup'],
    ['elements nested too deep', event(1, '<x>'.repeat(100)), 'depth'],
    ['no event id', event(1, 'x').replace('<EventID>4625', '<EventID>'), 'no-event'],
    ['no time', event(1, 'x').replace('2026', 'year'), 'no-event'],
    ['an empty event', '<Event/>', 'no-event'],
    ['an event without an end', event(1, 'x'.repeat(MAX_EVENT_CHARACTERS)), 'too-long'],
  ])('by %s loses that event and no other', (_, broken, reason) => {
    const result = read(`${event(0, 'alice')}${broken}${after}`);
    expect(usersOf(result)).toEqual(['alice', 'bob']);
    expect(result.damage.map((one) => [one.reason, one.lost])).toEqual([[reason, 'record']]);
    expect(result.damage[0]?.offset).toBeGreaterThanOrEqual(event(0, 'alice').length);
  });

  it('may hold an element Event in the data of an event', () => {
    const text = `<Event xmlns='${NAMESPACE}'>${system(1)}<UserData><Event><User>alice</User></Event></UserData></Event>`;
    const { records, damage } = read(text);
    expect(damage).toEqual([]);
    expect(records.map((record) => [...(record.userData ?? [])])).toEqual([[['User', 'alice']]]);
  });

  it('at its end tells of the event that is lost', () => {
    const { records, damage } = read(`${after}${event(1, 'x').slice(0, -4)}`);
    expect(records).toHaveLength(1);
    expect(damage).toEqual([{ reason: 'text-truncated', offset: after.length, lost: 'record' }]);
  });

  it('knows no document type and none of its entities', () => {
    const doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY f "&e;&e;">]>';
    const result = read(`${doctype}${event(1, '&e;&f;')}`);
    expect(usersOf(result)).toEqual(['&e;&f;']);
    expect(result.damage.map(({ reason, lost }) => [reason, lost])).toEqual(Array(2).fill(['doctype', 'nothing']));
  });

  it('of any kind is read or refused, the same in pieces of any size', async () => {
    const parts = [
      '<',
      '>',
      '<Event>',
      '</Event>',
      '<Data Name="',
      "'",
      '"',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '&lt;',
    ];
    const part = fc.oneof(
      fc.constantFrom(...parts, event(1, 'x'), system(2), '<EventData>'),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 30 }), fc.integer({ min: 1, max: 400 }), async (all, size) => {
        const text = all.join('').replace(/[\ud800-\udfff]/g, '');
        const whole = read(text);
        const bytes = Buffer.from(`\ufeff${text}`);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const records: XmlRecord[] = [];
        for await (const record of readEventXml(pieces, () => {})) records.push(record);
        expect(records.map((record) => record.xml())).toEqual(whole.records.map((record) => record.xml()));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes time in proportion to its length', () => {
    for (const unit of ['<', '<a ', '<a b="', "<Event x='", '&#', '<!--', '<Event><a>', '<!x', 'name']) {
      const growth = growthOf((times) => {
        const text = `<${unit.repeat(times)}`;
        return () => read(text);
      }, 20_000);
      expect([unit, growth < IN_PROPORTION]).toEqual([unit, true]);
    }
  });
});
