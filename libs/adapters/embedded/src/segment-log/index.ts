export { LOG_ERRORS } from './errors.js';
export { type LogFile, type LogFiles, nodeFiles } from './files.js';
export type { StoredRecord } from './frame.js';
export { lockDirectory } from './lock.js';
export type { ReadResult } from './recent-frames.js';
export { type LogReport, SegmentLog, type SegmentLogOptions } from './segment-log.js';
