import {
  EVTX_EVENT,
  EvtxChunkBuilder,
  type EvtxElement,
  evtxEventValues,
  evtxLogonChunk,
  evtxLogonData,
  evtxValue,
  withEvtxChecksums,
} from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Damage } from '../damage.js';
import { readChunk } from './chunk.js';

const USERS = ['alice', 'bob', 'carol', 'dave'];

function read(chunk: Buffer) {
  const damage: Damage[] = [];
  const records = readChunk(chunk, { index: 0, offset: 0 }, (one) => damage.push(one));
  return { records, damage, users: records.map((record) => record.data.get('TargetUserName')) };
}

/** Places of the records of a chunk of `USERS`. */
function places(): number[] {
  return read(evtxLogonChunk(USERS).finish()).records.map(({ place }) => place.offset);
}

/** A chunk of `USERS` that is changed and, unless `keepsChecksums`, says that it is whole. */
function changed(change: (chunk: Buffer) => void, keepsChecksums = false): Buffer {
  const chunk = evtxLogonChunk(USERS).finish();
  change(chunk);
  return keepsChecksums ? chunk : withEvtxChecksums(chunk);
}

describe('A18: a chunk that is damaged', () => {
  const [, second = 0, third = 0] = places();

  it.each([0, 3_099_113_656, 27, 65_536])('has a record of size %d: those before it are read', (size) => {
    const { users, damage } = read(changed((chunk) => chunk.writeUInt32LE(size, third + 4)));
    expect(users).toEqual(['alice', 'bob']);
    expect(damage).toEqual([{ reason: 'record-frame', offset: third, lost: 'rest' }]);
  });

  it.each([0, 3_099_113_656])('and says so, has a record of size %d: the next one is searched for', (size) => {
    const { records, users, damage } = read(changed((chunk) => chunk.writeUInt32LE(size, second + 4), true));
    expect(users).toEqual(['alice', 'carol', 'dave']);
    expect(records.map(({ place }) => place.searched)).toEqual([false, true, true]);
    expect(records.every(({ place }) => !place.intact)).toBe(true);
    expect(damage).toEqual([
      { reason: 'chunk-checksum', offset: 0, lost: 'nothing' },
      { reason: 'record-frame', offset: second, lost: 'record' },
    ]);
  });

  it('has zeros where a record should begin', () => {
    const { users, damage } = read(changed((chunk) => chunk.fill(0, third, third + 8)));
    expect(users).toEqual(['alice', 'bob']);
    expect(damage).toEqual([{ reason: 'record-frame', offset: third, lost: 'rest' }]);
  });

  it('counts zeros at its end as records', () => {
    const { users, damage } = read(changed((chunk) => chunk.writeUInt32LE(60_000, 48)));
    expect({ users, damage }).toEqual({ users: USERS, damage: [] });
  });

  it('has a record that ends with another size', () => {
    const { users, damage } = read(changed((chunk) => chunk.writeUInt32LE(99, third - 4)));
    expect(users).toEqual(['alice']);
    expect(damage).toEqual([{ reason: 'record-frame', offset: second, lost: 'rest' }]);
  });

  it.each([
    ['header', 70],
    ['records', second + 40],
  ])('has a checksum of its %s that does not hold: it is read and its records say so', (_, position) => {
    const chunk = evtxLogonChunk(USERS).finish();
    chunk.writeUInt32LE(chunk.readUInt32LE(position) ^ 1, position === 70 ? position : 52);
    const { records, damage } = read(chunk);
    expect(records).toHaveLength(4);
    expect(records.some(({ place }) => place.intact)).toBe(false);
    expect(damage).toEqual([{ reason: 'chunk-checksum', offset: 0, lost: 'nothing' }]);
  });

  it('has no magic', () => {
    const { records, damage } = read(changed((chunk) => chunk.write('Elf_', 0)));
    expect(records).toEqual([]);
    expect(damage).toEqual([{ reason: 'chunk-magic', offset: 0, lost: 'chunk' }]);
  });

  it.each([0, 1_000_000])('says that its free space begins at %d', (free) => {
    expect(read(changed((chunk) => chunk.writeUInt32LE(free, 48))).users).toEqual(USERS);
  });

  it('has links of strings and definitions that lead to themselves: nobody follows them', () => {
    const builder = evtxLogonChunk(USERS);
    const chunk = builder.finish();
    for (const name of ['Event', 'Data', 'EventID']) {
      const place = builder.placeOfName(name);
      chunk.writeUInt32LE(place, place);
      chunk.writeUInt32LE(place, 128);
    }
    const definition = builder.definitionOf(EVTX_EVENT);
    chunk.writeUInt32LE(definition, definition);
    chunk.writeUInt32LE(definition, 384);
    expect(read(withEvtxChecksums(chunk))).toMatchObject({ users: USERS, damage: [] });
  });
});

describe('a record whose BinXML', () => {
  /** A chunk with a record that somebody wrote by hand between two sound ones. */
  function around(write: (chunk: EvtxChunkBuilder) => void) {
    const chunk = new EvtxChunkBuilder();
    chunk.add(EVTX_EVENT, evtxEventValues(1, evtxLogonData('alice')));
    const start = chunk.end;
    write(chunk);
    chunk.add(EVTX_EVENT, evtxEventValues(3, evtxLogonData('carol')));
    const { users, damage } = read(chunk.finish());
    expect(users).toEqual(['alice', 'carol']);
    expect(damage.map(({ offset, lost }) => [offset, lost])).toEqual([[start, 'record']]);
    return damage[0]?.reason;
  }

  const nested = (depth: number): EvtxElement =>
    depth === 0 ? { name: 'x' } : { name: 'x', children: [nested(depth - 1)] };

  it('has elements nested deeper than any program writes', () => {
    expect(around((chunk) => chunk.addElement(nested(500)))).toBe('depth');
  });

  it('has values nested deeper than any program writes', () => {
    const template: EvtxElement = { name: 'x', children: [{ slot: 0 }] };
    const value = Array.from({ length: 20 }).reduce<ReturnType<typeof evtxLogonData>>(
      (inner) => ({ template, values: [inner] }),
      evtxValue.text('x'),
    );
    expect(around((chunk) => chunk.add(EVTX_EVENT, evtxEventValues(2, value)))).toBe('depth');
  });

  it('is a value that its template puts in ten thousand places, level by level', () => {
    const template: EvtxElement = { name: 'x', children: Array.from({ length: 300 }, () => ({ slot: 0 })) };
    const value = Array.from({ length: 6 }).reduce<ReturnType<typeof evtxLogonData>>(
      (inner) => ({ template, values: [inner] }),
      evtxValue.text('x'.repeat(1_000)),
    );
    expect(around((chunk) => chunk.add(EVTX_EVENT, evtxEventValues(2, value)))).toBe('expansion');
  });

  it('is an instance whose definition is itself', () => {
    const write = (chunk: EvtxChunkBuilder) =>
      chunk.addRecord(() => {
        const at = chunk.end;
        chunk.put(Buffer.from([0x0c, 1, 0, 0, 0, 0]));
        chunk.u32(at + 10);
        chunk.put(Buffer.alloc(20));
        chunk.u32(20);
        chunk.put(Buffer.from([0x0f, 1, 1, 0, 0x0c, 1, 0, 0, 0, 0]));
        chunk.u32(at + 10);
        chunk.put(Buffer.alloc(20));
      });
    expect(around(write)).toBe('token');
  });

  it.each([
    ['a definition outside the chunk', 'bounds', [0x0c, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f]],
    ['an unknown token', 'token', [0x77]],
    ['a name outside the chunk', 'bounds', [0x01, 0, 0, 0, 0, 0xfc, 0xff, 0, 0]],
    ['a name that is none', 'name', [0x01, 0, 0, 0, 0, 0, 2, 0, 0]],
    ['nothing in it', 'no-event', [0x0f, 1, 1, 0]],
  ])('has %s', (_, reason, bytes) => {
    expect(around((chunk) => chunk.addRecord(() => chunk.put(Buffer.from(bytes))))).toBe(reason);
  });

  it('has no event id', () => {
    const values = evtxEventValues(2, evtxLogonData('bob'));
    expect(around((chunk) => chunk.add(EVTX_EVENT, [evtxValue.null, ...values.slice(1)]))).toBe('no-event');
  });
});

describe('any damage', () => {
  const sound = evtxLogonChunk(USERS).finish();
  const used = sound.readUInt32LE(48);
  const flip = fc.record({ at: fc.nat(used - 1), byte: fc.nat(255) });

  it('ends the reading, and what was lost is told', () => {
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 12 }), fc.boolean(), fc.nat(used), (flips, mends, cut) => {
        const chunk = Buffer.from(sound.subarray(0, mends ? sound.length : Math.max(cut, 512)));
        for (const { at, byte } of flips) if (at < chunk.length) chunk[at] = byte;
        if (mends) withEvtxChecksums(chunk);
        const { records, damage } = read(chunk);
        for (const record of records) expect(record.xml().startsWith('<')).toBe(true);
        const saysLess = chunk.readUInt32LE(48) < used || chunk.readBigUInt64LE(0) === 0n;
        expect(records.length >= USERS.length || damage.length > 0 || saysLess).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
