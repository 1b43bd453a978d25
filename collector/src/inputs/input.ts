/**
 * The contract of every way of reading logs: files, the journal, standard input, syslog and so on. An input only reads
 * bytes and frames lines; it knows no log format. Every input passes `inputConformance` of the testkit.
 */

import type { EvidenceClass } from '@fleetwall/core';

/** One line as it was read. */
export interface RawLine {
  /**
   * Without its line end (`\n` or `\r\n`). Bytes that are not UTF-8 are U+FFFD, a run of NULs before the first other
   * byte is left out, and what is longer than `maxLineBytes` is cut there.
   */
  text: string;
  /** Whether the line was cut at `maxLineBytes`; the rest of it is nowhere. */
  truncated: boolean;
  /**
   * `<stream id>-<offset>-<crc>`: 16 hex digits of the kind of input and the file generation (or journal), the
   * uncompressed offset of the line's first byte (or the journal's sequence number) in base 36, CRC32 of its bytes in
   * hex. The same line read twice has the same id, also after a restart, a rename, or compression. It tells of what
   * the line says: for the id that is kept, see `EventIds`.
   */
  id: string;
  /** Whose line it is, for metrics and for parser state: the path as configured, `journald`, `stdin`. */
  stream: string;
  /** It was there before the first start: it tells of the past and must not block anybody now. */
  history: boolean;
  /** When it was read: milliseconds since 1970 UTC. */
  readMs: number;
  /**
   * Directives (`#Fields: …`) that stood before this line in its file, the last ones, in their order. Only of a line with which
   * reading may have begun in the middle of a file.
   */
  directives?: readonly string[];
  /** Only from inputs that know it. */
  origin?: LineOrigin;
  /** Only of lines that came from another machine. */
  sender?: LineSender;
}

/** Whose line it is that came from afar: by its address or its token, whatever it says of itself. */
export interface LineSender {
  /** The host of its events. */
  host: string;
  /** What they prove at best. */
  evidence: EvidenceClass;
  /** The application that it is, known by its token; its lines are results of logons and nothing else. */
  application?: string;
}

/**
 * Who wrote a line by the word of the kernel (journald), not of the writer: `logger -t sshd` says `sshd` in its text,
 * and `comm: 'logger'`, `uid: 1000` here.
 */
export interface LineOrigin {
  /** Name of the writing process, at most 15 bytes. */
  comm?: string;
  pid?: number;
  uid?: number;
  /** systemd unit. */
  unit?: string;
  /** How it came into the journal: `syslog`, `journal`, `stdout`, `kernel`, `audit`, `driver`. */
  transport?: string;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Where reading goes on: a small JSON object; only the input that made it understands it. */
export type Bookmark = { [name: string]: JsonValue };

/** By key; an input uses as many keys as it likes (one for each file generation). */
export type Bookmarks = Record<string, Bookmark>;

/** What a batch changes: new values by key; `null` removes the key (a rotated file that was read to its end). */
export type BookmarkChange = Record<string, Bookmark | null>;

/** The bookmarks after `change`. Does not alter its arguments. */
export function applyBookmarks(bookmarks: Bookmarks, change: BookmarkChange): Bookmarks {
  const next = { ...bookmarks };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete next[key];
    else next[key] = value;
  }
  return next;
}

/** Lines of one stream in order. There may be none: then only bookmarks change (first start, end of a rotated file). */
export interface LineBatch {
  lines: RawLine[];
  /** To be stored together with the lines, or not at all; covers everything up to the end of this batch. */
  bookmarks: BookmarkChange;
}

/**
 * Takes a batch over. Resolving means: lines and bookmarks will not be lost; only then does the input read on in that
 * stream. Rejecting means: not taken; the same batch comes again after a pause that grows to 30 s. Called for one
 * stream once at a time, for different streams up to 8 times at once.
 */
export type LineSink = (batch: LineBatch) => Promise<void>;

/** Something an operator should look at; the input goes on with everything else and tries again by itself. */
export interface InputProblem {
  /** A code of `INPUT_ERRORS`. */
  code: string;
  stream: string;
  message: string;
  hint: string;
  /** Milliseconds since 1970 UTC. */
  sinceMs: number;
}

/** Counts since start, unless said otherwise. */
export interface InputStats {
  lines: number;
  /** Bytes read, before decoding; for compressed files the uncompressed bytes. */
  bytes: number;
  batches: number;
  /** Lines cut at `maxLineBytes`, and the bytes of them that were passed over. */
  truncatedLines: number;
  skippedBytes: number;
  /** NULs before a line (a file that was truncated under a writer without O_APPEND). */
  nulBytes: number;
  /** Batches that the sink rejected. */
  sinkFailures: number;
  /** Streams now. */
  streams: number;
  /** File descriptors now. */
  openFiles: number;
  /** Rotations seen by rename or replacement, and by truncation. */
  renames: number;
  truncations: number;
  /** Bytes that are known to have been there and can no longer be read (deleted while its descriptor was closed …). */
  lostBytes: number;
  /** Times a stream's child process or subscription had to be started again. */
  restarts: number;
  /** Messages, connections and requests of others that were not taken: strangers, no syslog, a wrong token … */
  refused: number;
  /** What is wrong now; at most 100, one for a stream and code. */
  problems: InputProblem[];
}

/** A way of reading. */
export interface Input {
  /** Unique in a collector; bookmarks are kept under it: `files`, `journald`, `stdin`. */
  readonly name: string;
  /**
   * Begins to read behind `bookmarks`, all that was ever stored for this input; empty: this is the first start. Resolves
   * when reading is under way. Missing files, rights or programs are problems (see {@link InputStats}), not rejections.
   */
  start(bookmarks: Bookmarks, sink: LineSink): Promise<void>;
  /** Hands over no new batch, waits for those in the sink's hands, lets go of everything. Idempotent. */
  stop(): Promise<void>;
  stats(): InputStats;
  /** Resolves when nothing more will come: at the end of standard input, else after `stop`. */
  readonly finished: Promise<void>;
}

export function emptyStats(): InputStats {
  return {
    lines: 0,
    bytes: 0,
    batches: 0,
    truncatedLines: 0,
    skippedBytes: 0,
    nulBytes: 0,
    sinkFailures: 0,
    streams: 0,
    openFiles: 0,
    renames: 0,
    truncations: 0,
    lostBytes: 0,
    restarts: 0,
    refused: 0,
    problems: [],
  };
}
