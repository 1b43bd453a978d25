export { mapWindowsRecord, type WindowsContext } from './map-record.js';
export type { WindowsRecord } from './record.js';
