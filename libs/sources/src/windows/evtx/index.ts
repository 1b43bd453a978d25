export { CHUNK_SIZE, type ChunkPlace, readChunk } from './chunk.js';
export { type EvtxPlace, EvtxRecord } from './evtx-record.js';
export { readEvtx } from './read-evtx.js';
