import { createHash } from 'node:crypto';
import { type BigIntStats, statSync } from 'node:fs';
import { crc32 } from '../crc32.js';
import { type FramingState, newFraming } from '../framing.js';
import type { Bookmark } from '../input.js';
import { firstLine, HEAD_BYTES, streamId } from '../line-ids.js';
import { beginsAsUtf16 } from '../utf16-framing.js';

/** The most bytes before the offset whose checksum is remembered. */
export const TAIL_BYTES = 128;
const ENOUGH_HEAD_BYTES = 256;

/** What the file system says a file is. `birth` is 0 where it keeps no creation times. */
export interface Identity {
  device: bigint;
  inode: bigint;
  /** Nanoseconds since 1970 UTC. */
  birth: bigint;
}

/** A hash of the first `length` bytes of a file. */
export interface Head {
  length: number;
  hash: string;
}

/** Where `statx` is forbidden (some sandboxes), the change time comes in place of the birth time and is of no use. */
const birthTimesAreTrue = (() => {
  const { birthtimeNs, ctimeNs } = statSync(process.execPath, { bigint: true });
  return birthtimeNs !== ctimeNs;
})();

export function identityOf(stat: BigIntStats): Identity {
  return { device: stat.dev, inode: stat.ino, birth: birthTimesAreTrue ? stat.birthtimeNs : 0n };
}

/** Device numbers may change when the machine starts anew, so they do not take part. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.inode === b.inode && a.birth === b.birth;
}

export function headOf(bytes: Buffer): Head {
  const head = bytes.subarray(0, HEAD_BYTES);
  return { length: head.length, hash: createHash('sha256').update(head).digest('hex').slice(0, 16) };
}

/**
 * One life of a log file, from its creation or truncation to its rotation, and how far it was read.
 *
 * `head` (up to 1 KiB, growing with the file) and `tail` (the bytes just before `offset`) are how the same content is
 * known again: in place, renamed, copied or compressed. A file truncated and written anew fails one of them even if it is
 * longer than before.
 */
export class Generation {
  offset = 0;
  readonly framing: FramingState = newFraming();
  /** Lines that begin before it were there before the first start. */
  historyUntil = 0;
  head: Head = { length: 0, hash: '' };
  tail = { length: 0, crc: 0 };
  streamId: string | undefined;
  /** Heads of finished generations of the path, see {@link Lane.finishedHeads}; kept here only for the bookmark. */
  previous: Head[] = [];
  /** When its end was last reached: milliseconds since 1970 UTC, by the clock that writes file times. */
  endReachedMs = 0;
  /** Whether its text is UTF-16, by its first bytes. */
  isUtf16 = false;
  /** The last directives before the offset, see `directives.ts`; undefined when nobody has looked for them. */
  directives: readonly string[] | undefined = [];

  constructor(
    /** As configured; lines carry it as their stream, wherever the file is by now. */
    readonly path: string,
    readonly identity: Identity,
    /** How often the same inode was truncated before. */
    readonly ordinal: number,
  ) {}

  /** Of its bookmark. */
  get key(): string {
    const { inode, birth } = this.identity;
    return `${inode.toString(36)}-${birth.toString(36)}-${this.ordinal}`;
  }

  bookmark(): Bookmark {
    return {
      path: this.path,
      device: this.identity.device.toString(),
      inode: this.identity.inode.toString(),
      birth: this.identity.birth.toString(),
      ordinal: this.ordinal,
      offset: this.offset,
      skipping: this.framing.skipping,
      historyUntil: this.historyUntil,
      head: [this.head.length, this.head.hash],
      tail: [this.tail.length, this.tail.crc],
      streamId: this.streamId ?? null,
      previous: this.previous.map(({ length, hash }) => [length, hash]),
      endReachedMs: this.endReachedMs,
      directives: this.directives === undefined ? null : [...this.directives],
    };
  }

  /** The reverse of {@link bookmark}. */
  static from(bookmark: Bookmark): Generation {
    const saved = bookmark as unknown as SavedGeneration;
    const identity = { device: BigInt(saved.device), inode: BigInt(saved.inode), birth: BigInt(saved.birth) };
    const generation = new Generation(saved.path, identity, saved.ordinal);
    generation.offset = saved.offset;
    generation.framing.skipping = saved.skipping;
    generation.historyUntil = saved.historyUntil;
    generation.head = { length: saved.head[0], hash: saved.head[1] };
    generation.tail = { length: saved.tail[0], crc: saved.tail[1] };
    generation.streamId = saved.streamId ?? undefined;
    generation.previous = saved.previous.map(([length, hash]) => ({ length, hash }));
    generation.endReachedMs = saved.endReachedMs;
    generation.directives = saved.directives ?? undefined;
    return generation;
  }

  /** The same file, truncated and begun anew. */
  truncated(nowMs: number): Generation {
    const next = new Generation(this.path, this.identity, this.ordinal + 1);
    next.endReachedMs = nowMs;
    return next;
  }

  /** Whether `bytes`, the beginning of some file, is how this one begins. An unread generation knows no beginning. */
  beginsLike(bytes: Buffer): boolean {
    const { length, hash } = this.head;
    return length === 0 || (length <= bytes.length && headOf(bytes.subarray(0, length)).hash === hash);
  }

  /** Whether so much of the beginning is known, and tells so much, that another file would not begin like this. */
  get hasTellingHead(): boolean {
    const { length, hash } = this.head;
    return length >= ENOUGH_HEAD_BYTES && hash !== headOf(Buffer.alloc(length)).hash;
  }

  /** Whether `before`, the {@link tail}'s length of bytes before the offset, is what was read there. */
  continuesAfter(before: Buffer): boolean {
    return before.length === this.tail.length && crc32(before) === this.tail.crc;
  }

  /** Moves on to `offset`; `before` are the bytes before it, as many as are at hand. */
  advanceTo(offset: number, before: Buffer): void {
    const tail = before.subarray(Math.max(0, before.length - TAIL_BYTES));
    this.offset = offset;
    this.tail = { length: tail.length, crc: crc32(tail) };
  }

  learnEncoding(beginning: Buffer): void {
    this.isUtf16 = beginsAsUtf16(beginning);
  }

  /**
   * Learns the beginning, up to 1 KiB. The stream id follows when that holds the whole first line, or when the file is
   * `final`.
   */
  learnHead(bytes: Buffer, final: boolean): void {
    this.learnEncoding(bytes);
    if (bytes.length > this.head.length) this.head = headOf(bytes);
    if (!final && bytes.length < HEAD_BYTES && !bytes.includes(0x0a)) return;
    const { inode, birth } = this.identity;
    this.streamId ??= streamId('file', `${inode}`, `${birth}`, `${this.ordinal}`, firstLine(bytes));
  }
}

interface SavedGeneration {
  path: string;
  device: string;
  inode: string;
  birth: string;
  ordinal: number;
  offset: number;
  skipping: boolean;
  historyUntil: number;
  head: [number, string];
  tail: [number, number];
  streamId: string | null;
  previous: [number, string][];
  endReachedMs: number;
  /** Absent in bookmarks of older versions. */
  directives?: string[] | null;
}
