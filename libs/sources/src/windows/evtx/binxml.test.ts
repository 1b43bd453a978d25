import {
  EVTX_EVENT,
  EvtxChunkBuilder,
  type EvtxElement,
  type EvtxPart,
  type EvtxValue,
  evtxEventValues,
  evtxValue,
} from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { parseEventXml } from '../xml/read-event-xml.js';
import { readChunk } from './chunk.js';
import type { EvtxRecord } from './evtx-record.js';
import { treeOf } from './tree.test-support.js';

/** The record of an event whose data is this template with these values. */
function recordOf(template: EvtxElement, values: EvtxValue[]): EvtxRecord {
  const chunk = new EvtxChunkBuilder();
  chunk.add(EVTX_EVENT, evtxEventValues(1, { template, values }));
  const [record] = readChunk(chunk.finish(), { index: 0, offset: 0 }, (damage) => expect(damage).toBeUndefined());
  return record as EvtxRecord;
}

/** Of EventData with a datum that has this content. */
function dataOf(
  children: EvtxPart[],
  values: EvtxValue[],
  attributes?: Record<string, EvtxPart[]>,
): [string, string][] {
  const record = recordOf(eventData({ name: 'Data', children, attributes: attributes ?? { Name: ['x'] } }), values);
  const [again] = parseEventXml(record.xml(), (damage) => expect(damage).toBeUndefined());
  expect([...(again?.data ?? [])]).toEqual([...record.data]);
  return [...record.data];
}

const eventData = (...children: EvtxElement[]): EvtxElement => ({ name: 'EventData', children });
const { of } = evtxValue;

describe('a value', () => {
  it.each([
    ['null', of(0x00, ''), ''],
    ['a string', of(0x01, '4a00 fc00'), 'Jü'],
    ['a string with an end mark', of(0x01, '4a00 0000 4b00'), 'J'],
    ['a string with half a character', of(0x01, '4a00 00d8 4b00'), 'J\ufffdK'],
    ['a string with a mark of byte order', of(0x01, 'fffe 4a00'), '\ufeffJ'],
    ['a string cut within a character', of(0x01, '4a00 4b'), 'J'],
    ['an ANSI string', of(0x02, '4afc00'), 'Jü'],
    ['int8', of(0x03, 'ff'), '-1'],
    ['uint8', of(0x04, 'ff'), '255'],
    ['int16', of(0x05, 'feff'), '-2'],
    ['uint16', of(0x06, 'feff'), '65534'],
    ['int32', of(0x07, 'fdffffff'), '-3'],
    ['uint32', of(0x08, 'fdffffff'), '4294967293'],
    ['int64', of(0x09, 'fcffffffffffffff'), '-4'],
    ['uint64', of(0x0a, 'fcffffffffffffff'), '18446744073709551612'],
    ['uint64 below 2^53', of(0x0a, 'ffffffffffff1f00'), '9007199254740991'],
    ['real32', of(0x0b, 'cdcccc3d'), '0.1'],
    ['real64', of(0x0c, '9a9999999999b93f'), '0.1'],
    ['real64 without end', of(0x0c, '000000000000f0ff'), '-INF'],
    ['true', of(0x0d, '01000000'), 'true'],
    ['false', of(0x0d, '00000000'), 'false'],
    ['binary', of(0x0e, '00abff'), '00ABFF'],
    ['a GUID', of(0x0f, '25968454 7854 9449 a5ba3e3b0328c30d'), '{54849625-5478-4994-a5ba-3e3b0328c30d}'],
    ['a size of 32 bits', of(0x10, '10000000'), '0x10'],
    ['a size of 64 bits', of(0x10, '1000000001000000'), '0x100000010'],
    ['a FILETIME', of(0x11, '15d78e6c3b4bdd01'), '2026-09-23T09:10:48.7437077Z'],
    ['the first FILETIME', of(0x11, '0000000000000000'), '1601-01-01T00:00:00.0000000Z'],
    ['a SYSTEMTIME', of(0x12, 'ea07 0b00 0000 0100 0c00 2200 0500 0700'), '2026-11-01T12:34:05.007Z'],
    [
      'a SYSTEMTIME that is none',
      of(0x12, 'ea07 0d00 0000 0100 0c00 2200 0500 0700'),
      'EA070D00000001000C00220005000700',
    ],
    ['a SID', of(0x13, '0105000000000005 15000000 01000000 02000000 03000000 f4010000'), 'S-1-5-21-1-2-3-500'],
    ['a SID of another size', of(0x13, '0105000000000005'), '0105000000000005'],
    ['hexInt32', of(0x14, 'ab000000'), '0xab'],
    ['hexInt64', of(0x15, '0000000000001080'), '0x8010000000000000'],
    ['a handle', of(0x20, '0100000000000000'), '0100000000000000'],
    ['XML text', of(0x23, '3c00'), '<'],
    ['of an unknown type', of(0x7f, '0102'), '0102'],
    ['of another size than its type', of(0x08, '0102'), '0102'],
  ])('that is %s', (_, value, text) => {
    expect(dataOf([{ slot: 0 }], [value])).toEqual([['x', text]]);
  });

  it.each([
    ['strings', of(0x81, '6100 0000 0000 6200 0000'), ['a', '', 'b']],
    ['strings without an end mark', of(0x81, '6100 0000 00d8'), ['a', '\ufffd']],
    ['ANSI strings', of(0x82, '61 00 62 00'), ['a', 'b']],
    ['uint16', of(0x86, '0100 0200'), ['1', '2']],
    ['hexInt64', of(0x95, '0100000000000000 0200000000000000'), ['0x1', '0x2']],
    ['GUIDs', of(0x8f, '01'.repeat(32)), Array(2).fill('{01010101-0101-0101-0101-010101010101}')],
    ['booleans', of(0x8d, '00000000 01000000'), ['false', 'true']],
    ['FILETIMEs', of(0x91, '00'.repeat(8)), ['1601-01-01T00:00:00.0000000Z']],
    ['SIDs', of(0x93, '0101000000000005 12000000 0101000000000005 13000000'), ['S-1-5-18', 'S-1-5-19']],
    ['SIDs that are cut off', of(0x93, '0101000000000005 12000000 01'), ['S-1-5-18', '01']],
    ['numbers, one of them cut off', of(0x86, '0100 02'), ['010002']],
    ['nothing', of(0x86, ''), ['']],
  ])('that is an array of %s has an element for each', (_, value, texts) => {
    const expected = texts.map((text, i) => [`param${i + 1}`, text]);
    expect(dataOf([{ slot: 0 }], [value], {})).toEqual(expected);
  });

  it('without a slot, and a slot without a value', () => {
    expect(dataOf(['a', { slot: 1 }, 'b'], [evtxValue.text('x')])).toEqual([['x', 'ab']]);
  });
});

describe('BinXML', () => {
  it('has text, references and CDATA beside values', () => {
    const parts: EvtxPart[] = ['<a>', { entity: 'amp' }, { entity: 'none' }, { charRef: 8364 }, { charRef: 0xd800 }];
    const all = [...parts, { cdata: ']]>' }, { slot: 0 }, { bytes: Buffer.from([0x05, 0x08, 7, 0, 0, 0]) }];
    expect(dataOf(all, [evtxValue.text('&amp;')])).toEqual([['x', '<a>&&none;€\ufffd]]>&amp;7']]);
  });

  it('has processing instructions, which are passed over', () => {
    const instruction = { bytes: Buffer.from([0x0b, 1, 0, 0x61, 0]) };
    expect(dataOf(['a', instruction, 'b'], [])).toEqual([['x', 'ab']]);
  });

  it('has names of data that are values', () => {
    expect(dataOf([{ slot: 1 }], [evtxValue.text('"<n>'), evtxValue.u32(1)], { Name: ['a', { slot: 0 }] })).toEqual([
      ['a"<n>', '1'],
    ]);
  });

  it('leaves out attributes and elements whose optional value is null, and keeps empty ones', () => {
    const data = eventData(
      { name: 'Data', attributes: { Name: ['a'] }, children: [{ slot: 0, optional: true }], dependency: 0 },
      { name: 'Data', attributes: { Name: [{ slot: 0, optional: true }] }, children: [{ slot: 1 }] },
      { name: 'Data', attributes: { Name: ['b'] }, children: [{ slot: 1 }] },
    );
    const record = recordOf(data, [evtxValue.null, evtxValue.text('')]);
    expect([...record.data]).toEqual([
      ['param1', ''],
      ['b', ''],
    ]);
    expect(record.xml()).toContain('<EventData><Data></Data><Data Name="b"></Data></EventData>');
  });

  it('has UserData with elements that come as a value', () => {
    const inner: EvtxElement = { name: 'Address', children: [{ slot: 0 }] };
    const userData: EvtxElement = {
      name: 'UserData',
      children: [{ name: 'EventXML', children: [{ name: 'User', children: ['alice'] }, { slot: 0 }, { slot: 1 }] }],
    };
    const record = recordOf(userData, [{ template: inner, values: [evtxValue.text('192.0.2.7')] }, evtxValue.null]);
    expect([...(record.userData ?? [])]).toEqual([
      ['User', 'alice'],
      ['Address', '192.0.2.7'],
    ]);
    expect(record.data.size).toBe(0);
    expect(treeOf(record).children[1]).toEqual({
      name: 'UserData',
      attributes: new Map(),
      children: [
        {
          name: 'EventXML',
          attributes: new Map(),
          children: [
            { name: 'User', attributes: new Map(), children: ['alice'] },
            { name: 'Address', attributes: new Map(), children: ['192.0.2.7'] },
          ],
        },
      ],
    });
  });

  it('has a message that was rendered elsewhere', () => {
    const rendering = { name: 'RenderingInfo', children: [{ name: 'Message', children: [{ slot: 0 }] }] };
    expect(recordOf(rendering, [evtxValue.text('a\r\n"b"')]).message).toBe('a\r\n"b"');
  });

  it.each([0n, 133_000_000_000_000_000n, 0xffff_ffff_ffff_ffffn])('has an event at FILETIME %d', (ticks) => {
    const time = evtxValue.of(0x11, Buffer.from(new BigUint64Array([ticks]).buffer).toString('hex'));
    const values = evtxEventValues(1, evtxValue.null);
    const chunk = new EvtxChunkBuilder();
    chunk.add(EVTX_EVENT, [...values.slice(0, 3), time, ...values.slice(4)]);
    const [record] = readChunk(chunk.finish(), { index: 0, offset: 0 }, (damage) => expect(damage).toBeUndefined());
    expect(record?.timeMs).toBe(Number(ticks / 10_000n) - 11_644_473_600_000);
    const [again] = parseEventXml(record?.xml() ?? '', (damage) => expect(damage).toBeUndefined());
    expect(again?.timeMs).toBe(record?.timeMs);
  });

  it('has an event without any template', () => {
    const system: EvtxElement = {
      name: 'System',
      children: [
        { name: 'Provider', attributes: { Name: ['p'] } },
        { name: 'EventID', children: ['7'] },
        { name: 'TimeCreated', attributes: { SystemTime: ['2026-11-01T12:00:00.5Z'] } },
      ],
    };
    const chunk = new EvtxChunkBuilder();
    chunk.addElement({ name: 'Event', children: [system, eventData({ name: 'Data', children: ['x'] })] });
    const [record] = readChunk(chunk.finish(), { index: 0, offset: 0 }, (damage) => expect(damage).toBeUndefined());
    expect(record).toMatchObject({ provider: 'p', eventId: 7, timeMs: Date.UTC(2026, 10, 1, 12, 0, 0, 500) });
    expect([...(record as EvtxRecord).data]).toEqual([['param1', 'x']]);
  });
});
