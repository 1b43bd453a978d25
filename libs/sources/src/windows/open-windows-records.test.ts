import { evtxFile, evtxLogonChunk } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { openWindowsRecords } from './open-windows-records.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function usersOf(bytes: Buffer, size: number) {
  const opened = await openWindowsRecords(inPieces(bytes, size), (damage) => expect(damage).toBeUndefined());
  if (opened === undefined) return undefined;
  const users: (string | undefined)[] = [];
  for await (const record of opened.records) users.push(record.data.get('TargetUserName'));
  return [opened.format, ...users];
}

const xml =
  '<Event><System><EventID>4625</EventID><TimeCreated SystemTime="2026-11-01T12:00:00Z"/></System>' +
  '<EventData><Data Name="TargetUserName">alice</Data></EventData></Event>';

describe('a file of records of Windows', () => {
  it.each([
    ['EVTX', evtxFile([evtxLogonChunk(['alice']).finish()]), ['evtx', 'alice']],
    ['XML text', Buffer.from(xml), ['xml', 'alice']],
    ['XML text in UTF-16', Buffer.from(`\ufeff\r\n<?xml version="1.0"?>${xml}`, 'utf16le'), ['xml', 'alice']],
    ['a log of lines', Buffer.from('<34>1 2026-11-01T12:00:00Z web-01 sshd 1 - - x\n'), undefined],
    ['a log of lines with a name in it', Buffer.from('Nov  1 12:00:00 web-01 x: <Event>\n'), undefined],
    ['bytes', Buffer.from('00ff00ff01', 'hex'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('is known by how it begins: %s', async (_, bytes, expected) => {
    for (const size of [1, 300, 100_000]) expect(await usersOf(bytes, size)).toEqual(expected);
  });

  it('is closed when nobody reads on', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield evtxFile([evtxLogonChunk(['alice', 'bob']).finish()]);
        yield Buffer.alloc(1);
      } finally {
        isClosed = true;
      }
    }
    const opened = await openWindowsRecords(source(), () => {});
    for await (const record of opened?.records ?? []) if (record.eventId === 4625) break;
    expect(isClosed).toBe(true);
  });
});
