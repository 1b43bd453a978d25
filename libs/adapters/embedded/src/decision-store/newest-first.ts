import { decodePosition, encodePosition, type PagePosition } from '@fleetwall/core';
import type { Database, RootDatabase } from 'lmdb';
import { decisionStoreError } from './errors.js';

const MAX_LIMIT = 1_000;
const TIME_BYTES = 8;

export interface Page<T> {
  page: T[];
  cursor?: string;
}

/**
 * Documents in an LMDB environment, newest first. `records` maps the inverted time (8 bytes, big-endian) and the id in
 * UTF-8 to the document, so that key order is page order; `times` maps the id to the time under which it lies there.
 */
export class NewestFirst<T extends { id: string }> {
  readonly #records: Database<T, Buffer>;
  readonly #times: Database<number, Buffer>;
  readonly #positionOf: (document: T) => PagePosition;

  constructor(root: RootDatabase, name: string, positionOf: (document: T) => PagePosition) {
    this.#records = root.openDB({ name, keyEncoding: 'binary', encoding: 'json' });
    this.#times = root.openDB({ name: `${name}-times`, keyEncoding: 'binary', encoding: 'json' });
    this.#positionOf = positionOf;
  }

  get(id: string): T | undefined {
    const timeMs = this.#times.get(Buffer.from(id));
    return timeMs === undefined ? undefined : this.#records.get(keyOf([timeMs, id]));
  }

  /** Within a transaction. */
  put(document: T): void {
    const [timeMs, id] = this.#positionOf(document);
    const before = this.#times.get(Buffer.from(id));
    if (before !== undefined && before !== timeMs) this.#records.remove(keyOf([before, id]));
    this.#times.put(Buffer.from(id), timeMs);
    this.#records.put(keyOf([timeMs, id]), document);
  }

  /** Those that match, from the cursor on, while `goesOn`. */
  page(
    { limit, cursor }: { limit: number; cursor?: string },
    matches: (document: T) => boolean,
    goesOn: (timeMs: number) => boolean,
  ): Page<T> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw decisionStoreError('DECISION_STORE_QUERY_REFUSED', { reason: `the limit is not 1 to ${MAX_LIMIT}` });
    }
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    if (cursor !== undefined && !after) {
      throw decisionStoreError('DECISION_STORE_QUERY_REFUSED', { reason: 'the cursor is none' });
    }
    const found: T[] = [];
    const range = after ? { start: keyOf(after), exclusiveStart: true } : {};
    for (const { value } of this.#records.getRange(range)) {
      if (!goesOn(this.#positionOf(value)[0])) break;
      if (matches(value)) found.push(value);
      // One more than asked for tells whether there is another page.
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return last && found.length > limit ? { page, cursor: encodePosition(this.#positionOf(last)) } : { page };
  }

  /**
   * Within a transaction: each as `change` leaves it; undefined removes it, itself leaves it. Answers the ids of what is
   * removed, and how many others changed.
   */
  changeWhere(change: (document: T) => T | undefined): { removed: string[]; changed: number } {
    const removed: { key: Buffer; id: string }[] = [];
    const changed: T[] = [];
    for (const { key, value } of this.#records.getRange({})) {
      const left = change(value);
      if (left === undefined) removed.push({ key, id: value.id });
      else if (left !== value) changed.push(left);
    }
    for (const { key, id } of removed) {
      this.#records.remove(key);
      this.#times.remove(Buffer.from(id));
    }
    for (const document of changed) this.put(document);
    return { removed: removed.map(({ id }) => id), changed: changed.length };
  }

  /** Within a transaction. Answers how many. */
  removeWhere(isOld: (document: T) => boolean): number {
    return this.changeWhere((document) => (isOld(document) ? undefined : document)).removed.length;
  }
}

function keyOf([timeMs, id]: PagePosition): Buffer {
  const key = Buffer.alloc(TIME_BYTES + Buffer.byteLength(id));
  key.writeBigUInt64BE(BigInt(Number.MAX_SAFE_INTEGER) - BigInt(Math.trunc(timeMs)));
  key.write(id, TIME_BYTES);
  return key;
}
