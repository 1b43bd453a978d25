import { decodeHeader, decodeRecords, FrameKind, HEADER_BYTES, type StoredRecord } from './frame.js';

/** What a read found; `nextOffset` is where the next read goes on (past damage and gaps, also when nothing was found). */
export interface ReadResult {
  records: StoredRecord[];
  nextOffset: number;
}

interface Commit {
  firstOffset: number;
  nextOffset: number;
  /** Whole sealed frames. */
  bytes: Buffer;
}

/** The last commits, so that readers who keep up never touch the disk. Always holds the latest one. */
export class RecentFrames {
  private readonly commits: Commit[] = [];
  private bytes = 0;

  constructor(
    private readonly marker: Buffer,
    private readonly maxBytes: number,
  ) {}

  add(commit: Commit): void {
    this.commits.push(commit);
    this.bytes += commit.bytes.length;
    while (this.bytes > this.maxBytes && this.commits.length > 1) {
      this.bytes -= (this.commits.shift() as Commit).bytes.length;
    }
  }

  /** After records were taken away on disk. */
  clear(): void {
    this.commits.length = 0;
    this.bytes = 0;
  }

  /** Undefined when the offset is not among them any more. */
  read(fromOffset: number, maxRecords: number, maxBytes: number): ReadResult | undefined {
    const first = this.commits[0];
    if (!first || fromOffset < first.firstOffset) return undefined;
    const result: ReadResult = { records: [], nextOffset: fromOffset };
    let bytes = 0;
    for (const commit of this.commits) {
      if (commit.nextOffset <= fromOffset) continue;
      for (let at = 0; at < commit.bytes.length; ) {
        const header = decodeHeader(commit.bytes, at, this.marker);
        if (!header) throw new Error('a frame in memory is damaged');
        const end = at + HEADER_BYTES + header.payloadBytes;
        if (header.kind === FrameKind.records && header.firstOffset + header.count > fromOffset) {
          const room = maxRecords - result.records.length;
          decodeRecords(header, commit.bytes.subarray(at + HEADER_BYTES, end), fromOffset, room, result.records);
          result.nextOffset = (result.records.at(-1) as StoredRecord).offset + 1;
          bytes += header.payloadBytes;
          if (result.records.length >= maxRecords || bytes >= maxBytes) return result;
        }
        at = end;
      }
    }
    return result;
  }
}
