import { createReadStream, statSync } from 'node:fs';
import type { FleetEvent } from '@fleetwall/core';
import {
  EvtxRecord,
  mapWindowsRecord,
  openWindowsRecords,
  type Unparsed,
  type WindowsRecord,
} from '@fleetwall/sources';
import type { ReplayFile } from './replay-file.js';

const CHUNK_BYTES = 1 << 18;

/** A record of a file: its number in it, from 0, stands for its place. */
export interface PlacedRecord {
  number: number;
  record: WindowsRecord;
}

/** A file of Windows' event log, EVTX or XML. */
export class WindowsFile implements ReplayFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readBytes = 0;
  /** What could not be read of it, by reason. */
  readonly damage = new Map<string, number>();

  constructor(
    path: string,
    readonly kind: 'evtx' | 'xml',
  ) {
    this.path = path;
    const { size, mtimeMs } = statSync(path);
    this.sizeBytes = size;
    this.modifiedMs = mtimeMs;
  }

  /** Throws what the file system throws, with the file's `path`. */
  async *records(): AsyncGenerator<PlacedRecord> {
    const source = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
    this.damage.clear();
    try {
      const opened = await openWindowsRecords(source as AsyncIterable<Buffer>, ({ reason }) => {
        this.damage.set(reason, (this.damage.get(reason) ?? 0) + 1);
      });
      let number = 0;
      for await (const record of opened?.records ?? []) {
        this.readBytes = source.bytesRead;
        yield { number: number++, record };
      }
    } catch (error) {
      throw Object.assign(error as Error, { path: this.path });
    } finally {
      source.destroy();
    }
  }

  /** The XML of the records with these numbers, in one line each. */
  async linesAt(numbers: readonly number[]): Promise<Map<number, string>> {
    const wanted = new Set(numbers);
    const found = new Map<number, string>();
    if (wanted.size === 0) return found;
    for await (const { number, record } of this.records()) {
      if (wanted.has(number)) found.set(number, record.xml().replace(/\s*\n\s*/g, ' '));
      if (found.size === wanted.size) break;
    }
    return found;
  }
}

/**
 * The event of a record. Where the checksums of an EVTX chunk do not hold, or a record was searched for behind something
 * unreadable, it may be text that somebody sent: it proves nothing.
 */
export function eventOfRecord(record: WindowsRecord): FleetEvent | Unparsed {
  const isDoubtful = record instanceof EvtxRecord && (record.place.searched || !record.place.intact);
  const host = record.computer ?? 'localhost';
  return mapWindowsRecord(record, isDoubtful ? { host, evidence: 'unauthenticated' } : { host });
}
