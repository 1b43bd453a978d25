import { closeSync, openSync, readSync } from 'node:fs';
import { formatOf } from '@fleetwall/sources';

/** What a replay reads: lines, plain, packed or in UTF-16, and records of Windows' event log, EVTX or XML. */
export type FileKind = 'text' | 'gzip' | 'utf16' | 'evtx' | 'xml';

/** A file that a replay cannot read, and what to do about it. */
export interface Unsupported {
  reason: string;
  instead: string;
}

const HEAD_BYTES = 4_096;
const MOST_HOLES = 4;
const UNPACK = 'Unpack it first.';

/** Files of others that lie among logs, by how they begin. */
const OTHERS: readonly [magic: string, what: Unsupported][] = [
  ['LPKSHHRH', { reason: 'it is a journal', instead: 'Use what journalctl makes of it: journalctl -o json > FILE.' }],
  ['\xfd7zXZ\0', { reason: 'it is packed with xz', instead: UNPACK }],
  ['BZh', { reason: 'it is packed with bzip2', instead: UNPACK }],
  ['\x28\xb5\x2f\xfd', { reason: 'it is packed with zstd', instead: UNPACK }],
  ['PK\x03\x04', { reason: 'it is a zip archive', instead: UNPACK }],
  ['SQLite format 3\0', { reason: 'it is a database', instead: 'Leave it out.' }],
];

/**
 * By the first bytes. Throws what the file system throws.
 *
 * @param isNamed somebody says that it is a log: then it is text unless it is known as something else, since who writes into
 *   a log could fill its beginning with control characters
 */
export function kindOf(path: string, isNamed = true): FileKind | Unsupported {
  const head = headOf(path);
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const begin = head.toString('latin1', 0, 16);
  const other = OTHERS.find(([magic]) => begin.startsWith(magic));
  if (other !== undefined) return other[1];
  const windows = formatOf(head);
  if (windows !== undefined) return windows;
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return 'utf16';
  return !isNamed && isBinary(head) ? { reason: 'it is no text', instead: 'Leave it out.' } : 'text';
}

function headOf(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * Logs have a control character here and there, and a hole of NULs where copytruncate left one: not a tenth of other bytes,
 * and not NULs again and again, as records of a fixed length have them.
 */
function isBinary(head: Buffer): boolean {
  let controls = 0;
  let text = 0;
  let holes = 0;
  let last = 0;
  for (const byte of head) {
    if (byte === 0 && last !== 0) holes++;
    last = byte;
    if (byte === 0) continue;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27) controls++;
    else text++;
  }
  const isHole = head.length > 0 && text + controls === 0;
  return !isHole && (controls * 10 > text || holes > MOST_HOLES);
}
