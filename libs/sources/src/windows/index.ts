export type { Damage, DamageReason, OnDamage } from './damage.js';
export { CHUNK_SIZE, type ChunkPlace, readChunk } from './evtx/chunk.js';
export { type EvtxPlace, EvtxRecord } from './evtx/evtx-record.js';
export { readEvtx } from './evtx/read-evtx.js';
export { formatOf, openWindowsRecords, type WindowsRecords } from './open-windows-records.js';
export type { WindowsRecord } from './record.js';
export { parseEventXml, readEventXml } from './xml/read-event-xml.js';
export { XmlRecord } from './xml/xml-record.js';
export type { XmlElement } from './xml-tree.js';
