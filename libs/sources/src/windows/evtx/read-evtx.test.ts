import { EVTX_TIME_MS, evtxFile, evtxLogonChunk } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Damage } from '../damage.js';
import type { EvtxRecord } from './evtx-record.js';
import { readEvtx } from './read-evtx.js';

async function read(source: Iterable<Uint8Array>): Promise<{ records: EvtxRecord[]; damage: Damage[] }> {
  const records: EvtxRecord[] = [];
  const damage: Damage[] = [];
  for await (const record of readEvtx(source, (one) => damage.push(one))) records.push(record);
  return { records, damage };
}

const usersOf = (records: EvtxRecord[]) => records.map((record) => record.data.get('TargetUserName'));
const file = evtxFile([evtxLogonChunk(['alice', 'bob']).finish(), evtxLogonChunk(['carol'], 3).finish()]);

describe('an EVTX file', () => {
  it('gives its records with all that System says', async () => {
    const { records, damage } = await read([file]);
    expect(damage).toEqual([]);
    const { data, place, ...fields } = records[1] as EvtxRecord;
    expect(fields).toEqual({
      provider: 'Microsoft-Windows-Security-Auditing',
      eventId: 4625,
      channel: 'Security',
      computer: 'dc-01.example.com',
      recordId: 2,
      timeMs: EVTX_TIME_MS,
      level: 0,
      task: undefined,
      opcode: undefined,
      keywords: '0x8010000000000000',
      processId: 600,
      threadId: 2784,
      userSid: undefined,
      activityId: undefined,
      userData: undefined,
      message: undefined,
    });
    expect([...data]).toEqual([
      ['TargetUserName', 'bob'],
      ['IpAddress', '192.0.2.7'],
      ['LogonType', '3'],
    ]);
    expect(place).toMatchObject({ chunk: 0, intact: true, searched: false });
    expect(file.toString('latin1', place.offset, place.offset + 4)).toBe('**\0\0');
    expect(records[2]?.place).toEqual({ chunk: 1, offset: 4096 + 65_536 + 512, intact: true, searched: false });
  });

  it('is rebuilt as XML', async () => {
    const { records } = await read([file]);
    expect(records[0]?.xml()).toBe(
      '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>' +
        '<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><Version>0</Version><Level>0</Level>' +
        '<Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2026-11-01T12:00:00.1230000Z"/>' +
        '<EventRecordID>1</EventRecordID><Correlation/><Execution ProcessID="600" ThreadID="2784"/>' +
        '<Channel>Security</Channel><Computer>dc-01.example.com</Computer><Security/></System><EventData>' +
        '<Data Name="TargetUserName">alice</Data><Data Name="IpAddress">192.0.2.7</Data><Data Name="LogonType">3</Data>' +
        '</EventData></Event>',
    );
  });

  it('gives the same in pieces of any size', async () => {
    const whole = (await read([file])).records.map((record) => record.xml());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 8 }), async (sizes) => {
        const pieces: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(file.subarray(at, at + size));
          at += size;
        }
        const { records } = await read([...pieces, file.subarray(at)]);
        expect(records.map((record) => record.xml())).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('of a header alone has no record', async () => {
    expect(await read([evtxFile([])])).toEqual({ records: [], damage: [] });
  });
});

describe('a damaged file', () => {
  it('without a header that holds is read all the same', async () => {
    const broken = Buffer.from(file);
    broken[16] = 99;
    const { records, damage } = await read([broken]);
    expect(usersOf(records)).toEqual(['alice', 'bob', 'carol']);
    expect(damage).toEqual([{ reason: 'file-header', offset: 0, lost: 'nothing' }]);
  });

  it('marked dirty, with counts that are old, is read to its end', async () => {
    const dirty = evtxFile([evtxLogonChunk(['alice']).finish()], 1);
    const { records, damage } = await read([dirty, evtxLogonChunk(['bob'], 2).finish()]);
    expect(usersOf(records)).toEqual(['alice', 'bob']);
    expect(damage).toEqual([]);
  });

  it('has chunks that were never used', async () => {
    const { records, damage } = await read([file, Buffer.alloc(65_536), evtxLogonChunk(['dave'], 4).finish()]);
    expect(usersOf(records)).toEqual(['alice', 'bob', 'carol', 'dave']);
    expect(damage).toEqual([]);
  });

  it('cut off within a chunk gives what is there of it', async () => {
    const { records, damage } = await read([file.subarray(0, 4096 + 65_536 + 600)]);
    expect(usersOf(records)).toEqual(['alice', 'bob']);
    expect(damage).toEqual([
      { reason: 'chunk-truncated', offset: 4096 + 65_536, lost: 'nothing' },
      { reason: 'record-frame', offset: 4096 + 65_536 + 512, lost: 'rest' },
    ]);
  });

  it('cut off anywhere never throws', async () => {
    for (let size = 0; size < file.length; size += size < 8_000 ? 13 : 1_021) await read([file.subarray(0, size)]);
  });
});
