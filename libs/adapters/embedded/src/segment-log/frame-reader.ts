import type { LogFile } from './files.js';
import { decodeHeader, type FrameHeader, HEADER_BYTES, isIntact, MARKER_BYTES } from './frame.js';

/** A frame as it stands in the file; `payload` is absent when it was skipped unread. */
export interface ReadFrame {
  type: 'frame';
  position: number;
  /** Header and payload. */
  bytes: number;
  header: FrameHeader;
  payload: Buffer | undefined;
}

/** Bytes that are no frame, up to the next frame or the end. `header` tells what was lost, if it can still be read. */
export interface Damage {
  type: 'damage';
  position: number;
  bytes: number;
  header: FrameHeader | undefined;
}

/**
 * Reads the frames of one file in order between two positions. What is damaged comes as {@link Damage}, and reading goes
 * on at the next frame whose header is valid.
 */
export class FrameReader {
  /** Bytes of the file from `bufferAt`; a new one for each fill, since payloads are views of it. */
  private buffer: Buffer = Buffer.alloc(0);
  private bufferAt = 0;

  constructor(
    private readonly file: LogFile,
    private readonly marker: Buffer,
    private position: number,
    private end: number,
    private readonly windowBytes = 256 << 10,
  ) {}

  /** Frames whose records all lie below `wantedFrom` are passed over without reading or checking their payload. */
  async next(wantedFrom = 0): Promise<ReadFrame | Damage | undefined> {
    const { position } = this;
    if (position >= this.end) return undefined;
    const at = await this.fill(position, HEADER_BYTES);
    const header = decodeHeader(this.buffer, at, this.marker);
    if (!header) return this.damage(position, await this.findHeader(position + 1), undefined);
    const bytes = HEADER_BYTES + header.payloadBytes;
    if (position + bytes > this.end) return this.damage(position, this.end, header);
    if (header.count > 0 && header.firstOffset + header.count <= wantedFrom) {
      this.position = position + bytes;
      return { type: 'frame', position, bytes, header, payload: undefined };
    }
    const start = (await this.fill(position, bytes)) + HEADER_BYTES;
    const payload = this.buffer.subarray(start, start + header.payloadBytes);
    if (!isIntact(header, payload)) return this.damage(position, position + bytes, header);
    this.position = position + bytes;
    return { type: 'frame', position, bytes, header, payload };
  }

  private damage(position: number, next: number, header: FrameHeader | undefined): Damage {
    this.position = next;
    return { type: 'damage', position, bytes: next - position, header };
  }

  private async findHeader(from: number): Promise<number> {
    for (let position = from; position + HEADER_BYTES <= this.end; ) {
      const at = await this.fill(position, HEADER_BYTES);
      const found = this.buffer.indexOf(this.marker, at);
      if (found < 0) {
        position = Math.max(position + 1, this.bufferAt + this.buffer.length - MARKER_BYTES + 1);
        continue;
      }
      const candidate = this.bufferAt + found;
      const headerAt = await this.fill(candidate, HEADER_BYTES);
      if (decodeHeader(this.buffer, headerAt, this.marker)) return candidate;
      position = candidate + 1;
    }
    return this.end;
  }

  /** Makes the bytes at `position` available, fewer only at the end of the file; answers where they are in the buffer. */
  private async fill(position: number, bytes: number): Promise<number> {
    const at = position - this.bufferAt;
    if (at >= 0 && at + bytes <= this.buffer.length) return at;
    const length = Math.min(Math.max(bytes, this.windowBytes), this.end - position);
    const buffer = Buffer.allocUnsafe(length);
    const got = await this.file.read(buffer, position);
    this.buffer = buffer.subarray(0, got);
    this.bufferAt = position;
    // A file that is shorter than its name promised ends here.
    if (got < length) this.end = position + got;
    return 0;
  }
}
