export { EvtxRecord } from './evtx/evtx-record.js';
export { readEvtx } from './evtx/read-evtx.js';
export { mapWindowsRecord } from './map-record.js';
export { formatOf, openWindowsRecords } from './open-windows-records.js';
export type { WindowsRecord } from './record.js';
export { parseEventXml } from './xml/read-event-xml.js';
