import { createReadStream } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Damage } from '../damage.js';
import type { WindowsRecord } from '../record.js';
import { parseEventXml } from '../xml/read-event-xml.js';
import { type SharedFile, sharedFiles } from './conformance-files.test-support.js';
import { levelled, referenceJson } from './conformance-json.test-support.js';
import type { EvtxRecord } from './evtx-record.js';
import { readEvtx } from './read-evtx.js';
import { treeOf } from './tree.test-support.js';

/**
 * EVTX files that others made, against what evtx_dump reads of them: the same records with the same values everywhere. The
 * files are not part of this repository (their licences differ from ours); they are looked for in `FLEETWALL_SHARED` or in
 * `shared` beside the checkout. The reference has the chunks in the order of their records, so both are sorted.
 */
const files = sharedFiles();

/** Records of the reference that are none here, by file: pages of zeros lie over their ends. */
const TORN: Record<string, (string | undefined)[]> = {
  'sample_with_a_bad_chunk_magic.evtx': ['45933', '47640', undefined],
};
/** Whoever made this reference wrote another case than the file has. */
const ALTERED: Record<string, [ours: string, theirs: string]> = {
  'ad691d92-15f2-4181-9aa4-723c74f9ddc3.evtx': ['C:\\Windows\\Explorer.EXE', 'C:\\Windows\\Explorer.exe'],
};

const cases = files.map((file) => [file.name, file] as const);

interface Levelled {
  Event: { System: { EventRecordID?: string } };
}

const idOf = (record: Levelled) => record.Event.System.EventRecordID;
const byId = (a: Levelled, b: Levelled) => Number(idOf(a) ?? 0) - Number(idOf(b) ?? 0);

async function read(file: SharedFile): Promise<{ records: EvtxRecord[]; damage: Damage[] }> {
  const records: EvtxRecord[] = [];
  const damage: Damage[] = [];
  for await (const record of readEvtx(createReadStream(file.path), (one) => damage.push(one))) records.push(record);
  return { records, damage };
}

/** What the reference has of the file, and what differs for a reason that is known. */
function expectedOf({ name, expected }: SharedFile): Levelled[] {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const torn = TORN[base] ?? [];
  const [ours, theirs] = ALTERED[base] ?? ['', ''];
  const json = expected.map((record) =>
    JSON.stringify(record).replaceAll(JSON.stringify(theirs), JSON.stringify(ours)),
  );
  const records = json.map((record) => levelled(JSON.parse(record)) as Levelled);
  const whole = records.filter((record) => !torn.includes(idOf(record)));
  expect(whole).toHaveLength(records.length - torn.length);
  return whole.sort(byId);
}

/** The same record once more, from its XML text. */
function again(record: EvtxRecord): WindowsRecord {
  const damage: Damage[] = [];
  const [read] = parseEventXml(record.xml(), (one) => damage.push(one));
  expect(damage).toEqual([]);
  return read as WindowsRecord;
}

/** All that a record tells; unlike objects, the order of data counts. */
function contentsOf({ xml: _, ...record }: WindowsRecord): unknown {
  const { place: __, ...contents } = record as Partial<EvtxRecord>;
  return { ...contents, data: [...record.data], userData: record.userData && [...record.userData] };
}

async function agrees(name: string, file: SharedFile): Promise<void> {
  const { records, damage } = await read(file);
  const ours = records.map((record) => levelled(referenceJson(treeOf(record))) as Levelled).sort(byId);
  expect(ours).toEqual(expectedOf(file));
  for (const record of records) expect(contentsOf(again(record))).toEqual(contentsOf(record));
  const isDamaged = /bad_chunk_magic|2-vss_0/.test(name);
  expect(damage.length > 0).toBe(isDamaged);
  for (const { place } of records) expect(place.intact || isDamaged).toBe(true);
}

if (files.length === 0) it.skip('evtx_dump: its records are not here', () => {});
else describe('the records that evtx_dump reads', () => it.each(cases)('%s', agrees));
