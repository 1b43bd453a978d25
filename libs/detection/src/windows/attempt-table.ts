import type { AttemptNumbers } from './attempt-codec.js';
import { AttemptList } from './attempt-list.js';
import { ChunkPool } from './chunk-pool.js';
import { ATTEMPT_WORDS, CLASSES, KeyTable, MAX_ATTEMPTS, NIL } from './key-table.js';
import { MAX_AHEAD_MS } from './limits.js';
import { OneShots } from './one-shots.js';
import type { Slab } from './slab.js';

const WRAP_MS = 2 ** 31;
/** So many one-shot keys are looked at for one of a host above its share; then half a share will do. */
const FAIR_STEPS = 256;
/** One-shot keys keep this part of the room even when keys with more attempts would fill all of it. */
const ONE_SHOT_PART = 1 / 16;

/**
 * Keys that have not fired, within a budget of memory. An attempt is held until it is older than `reachMs`; what is
 * older is as good as gone, whether it was swept already or not.
 *
 * Times are kept modulo 2^32 and read by their distance from the clock. That is sound as long as every attempt in the
 * table is less than 2^31 ms away from it, which sweeping sees to: after a full round begun at time r, nothing is older
 * than `r - reachMs`.
 */
export class AttemptTable {
  readonly keys: KeyTable;
  readonly #pool: ChunkPool;
  readonly #reachMs: number;
  readonly #oneShots = new OneShots();
  #nowMs = 0;
  #nowLow = 0;
  #sweepClass = -1;
  #sweepIndex = -1;
  #roundMs = 0;
  #sweptMs = 0;
  /** Where in the found key's attempts `add` put the new one. */
  position = 0;
  evictedOneShot = 0;
  evictedOther = 0;
  /** Attempts dropped because a key had more than it can hold. */
  overflowed = 0;

  constructor(maxBytes: number, reachMs: number) {
    this.#pool = new ChunkPool(maxBytes);
    this.keys = new KeyTable(this.#pool);
    this.#reachMs = reachMs;
  }

  get bytes(): number {
    return this.#pool.bytes;
  }

  /** Sets the clock, which only goes forward. */
  advance(nowMs: number): void {
    if (nowMs - this.#sweptMs + this.#reachMs + MAX_AHEAD_MS >= WRAP_MS) this.#sweepAll(nowMs);
    this.#nowMs = nowMs;
    this.#nowLow = nowMs >>> 0;
  }

  /**
   * Adds an attempt; NIL if the id is held already, else a reference to the key, opened in `keys`, with the place of
   * the attempt in `position`.
   */
  add(low: number, high: number, timeMs: number, attempt: AttemptNumbers): number {
    const keys = this.keys;
    let ref = keys.find(low, high);
    if (ref !== NIL) {
      keys.open(ref);
      this.#trim(this.#reachMs);
      if (this.#hasId(attempt)) return NIL;
      ref = this.#makePlace(ref, low, high);
    }
    if (ref === NIL) {
      this.#makeRoom(0, low, high);
      ref = keys.insert(low, high, 0);
    }
    this.#put(ref, timeMs, attempt);
    return ref;
  }

  /** Opens a key and drops what is no longer held; false if there is none. */
  open(low: number, high: number): boolean {
    const ref = this.keys.find(low, high);
    if (ref === NIL) return false;
    this.keys.open(ref);
    this.#trim(this.#reachMs);
    return true;
  }

  /** The time of an attempt of the opened key. */
  timeMs(index: number): number {
    return this.#nowMs - this.#age(this.keys.first + index * ATTEMPT_WORDS);
  }

  who(index: number): number {
    return this.keys.words[this.keys.first + index * ATTEMPT_WORDS + 3] as number;
  }

  /** The attempts of the opened key as a list. */
  list(): AttemptList {
    const list = new AttemptList();
    for (let index = 0; index < this.keys.count; index++) {
      const at = this.keys.first + index * ATTEMPT_WORDS;
      const tail = this.keys.words[at + 2] as number;
      const id = (tail >>> 16) * 0x100000000 + (this.keys.words[at + 1] as number);
      list.insert(this.timeMs(index), id, tail & 0xffff, this.who(index));
    }
    return list;
  }

  /** Removes a key with all it has. */
  delete(low: number, high: number): void {
    const ref = this.keys.find(low, high);
    if (ref !== NIL) this.#remove(ref);
  }

  /** Puts a key in with all its attempts; the key must not be there. */
  insert(low: number, high: number, list: AttemptList): void {
    const from = Math.max(0, list.length - MAX_ATTEMPTS);
    this.overflowed += from;
    const count = list.length - from;
    if (count === 0) return;
    const cls = 32 - Math.clz32(count - 1);
    this.#makeRoom(cls, low, high);
    this.keys.insert(low, high, cls);
    const { words, first } = this.keys;
    if (cls > 0) this.keys.setCount(count);
    for (let index = 0; index < count; index++) {
      const { id, timeMs, host, who } = list.attempt(from + index);
      const at = first + index * ATTEMPT_WORDS;
      words[at] = timeMs;
      words[at + 1] = Number.parseInt(id.slice(4), 16);
      words[at + 2] = (Number.parseInt(id.slice(0, 4), 16) << 16) | host;
      words[at + 3] = who;
    }
    if (cls === 0) this.#oneShots.add((words[first + 2] as number) & 0xffff);
  }

  /** Looks at so many keys for what is no longer held; a round through all of them goes on where the last call ended. */
  sweep(records: number): void {
    let isRoundBegun = false;
    for (let left = records; left > 0; left--) {
      while (this.#sweepIndex < 0) {
        if (this.#sweepClass < 0) {
          if (isRoundBegun) return;
          isRoundBegun = true;
          this.#sweptMs = this.#roundMs;
          this.#roundMs = this.#nowMs;
          if (this.keys.size === 0) return;
          this.#sweepClass = CLASSES;
        }
        this.#sweepClass -= 1;
        this.#sweepIndex = (this.keys.slabs[this.#sweepClass]?.length ?? 0) - 1;
      }
      const length = (this.keys.slabs[this.#sweepClass]?.length ?? 0) - 1;
      // Downwards: what fills a hole comes from the end, which was looked at already.
      const index = Math.min(this.#sweepIndex, length);
      this.#sweepIndex = index - 1;
      if (index >= 0) this.#visit(((this.#sweepClass << 28) | index) >>> 0, this.#reachMs);
    }
  }

  clear(nowMs: number): void {
    this.keys.clear();
    this.#oneShots.clear();
    this.#startRound(nowMs);
    this.#nowMs = nowMs;
    this.#nowLow = nowMs >>> 0;
  }
  /** Everything but the records, for a snapshot. */
  state() {
    return {
      lengths: this.keys.slabs.map((slab) => slab.length),
      evictAt: this.keys.slabs.map((slab) => slab.evictAt),
      nowMs: this.#nowMs,
      roundMs: this.#roundMs,
      sweptMs: this.#sweptMs,
      sweepClass: this.#sweepClass,
      sweepIndex: this.#sweepIndex,
      evictedOneShot: this.evictedOneShot,
      evictedOther: this.evictedOther,
      overflowed: this.overflowed,
    };
  }

  restoreState(state: ReturnType<AttemptTable['state']>): void {
    this.clear(state.nowMs);
    for (const [cls, slab] of this.keys.slabs.entries()) slab.evictAt = state.evictAt[cls] as number;
    this.#roundMs = state.roundMs;
    this.#sweptMs = state.sweptMs;
    this.#sweepClass = state.sweepClass;
    this.#sweepIndex = state.sweepIndex;
    this.evictedOneShot = state.evictedOneShot;
    this.evictedOther = state.evictedOther;
    this.overflowed = state.overflowed;
  }

  /** The records of one class as they lie. */
  *records(cls: number): Iterable<Uint32Array> {
    const slab = this.keys.slabs[cls] as Slab;
    for (const [index, chunk] of slab.chunks.entries()) {
      const count = Math.min(slab.perChunk, slab.length - index * slab.perChunk);
      if (count > 0) yield chunk.subarray(0, count * slab.stride);
    }
  }

  /** Takes records as `records` gave them; those for which there is no room count as evicted. Answers how many. */
  restoreRecords(cls: number, bytes: Buffer): number {
    const slab = this.keys.slabs[cls] as Slab;
    const records = new Uint32Array(Math.floor(bytes.length / 4));
    new Uint8Array(records.buffer).set(bytes.subarray(0, records.byteLength));
    const count = Math.floor(records.length / slab.stride);
    for (let at = 0; at < count; at++) {
      const from = at * slab.stride;
      if (!this.keys.reserve(cls, records[from] as number)) {
        if (cls === 0) this.evictedOneShot += count - at;
        else this.evictedOther += count - at;
        break;
      }
      const index = slab.push();
      const words = slab.words(index);
      const to = slab.offset(index);
      for (let word = 0; word < slab.stride; word++) words[to + word] = records[from + word] as number;
      this.keys.link(((cls << 28) | index) >>> 0);
      if (cls === 0) this.#oneShots.add(this.#hostOfOpened());
    }
    return count;
  }

  #age(at: number): number {
    return (this.#nowLow - (this.keys.words[at] as number)) | 0;
  }

  #hostOfOpened(): number {
    return (this.keys.words[this.keys.first + 2] as number) & 0xffff;
  }

  #hasId({ idLow, idHigh }: AttemptNumbers): boolean {
    const { words, first, count } = this.keys;
    for (let at = first; at < first + count * ATTEMPT_WORDS; at += ATTEMPT_WORDS) {
      if (words[at + 1] === idLow && (words[at + 2] as number) >>> 16 === idHigh) return true;
    }
    return false;
  }

  /** Drops attempts of the opened key older than `maxAgeMs`; a record left with none stays until it is swept or reused. */
  #trim(maxAgeMs: number): void {
    const { words, first, at, count } = this.keys;
    if (first === at + 2) {
      this.keys.count = this.#age(first) > maxAgeMs ? 0 : 1;
      return;
    }
    let gone = 0;
    while (gone < count && this.#age(first + gone * ATTEMPT_WORDS) > maxAgeMs) gone += 1;
    if (gone === 0) return;
    words.copyWithin(first, first + gone * ATTEMPT_WORDS, first + count * ATTEMPT_WORDS);
    this.keys.setCount(count - gone);
  }

  /** Sees to it that the opened key can take one more attempt; answers where it is now. */
  #makePlace(ref: number, low: number, high: number): number {
    const cls = ref >>> 28;
    const { keys } = this;
    if (cls === 0 && keys.count === 0) {
      this.#oneShots.remove(this.#hostOfOpened());
      return ref;
    }
    if (keys.count < 1 << cls) return ref;
    if (cls === CLASSES - 1) {
      keys.words.copyWithin(keys.first, keys.first + ATTEMPT_WORDS, keys.first + keys.count * ATTEMPT_WORDS);
      keys.setCount(keys.count - 1);
      this.overflowed += 1;
      return ref;
    }
    // Eviction moves records about.
    const found = this.#makeRoom(cls + 1, low, high) ? keys.find(low, high) : ref;
    if (cls === 0) {
      keys.open(found);
      this.#oneShots.remove(this.#hostOfOpened());
    }
    return keys.resize(found, cls + 1);
  }

  /** Writes an attempt into its place in the order of time and id. */
  #put(ref: number, timeMs: number, attempt: AttemptNumbers): void {
    const { words, first, count } = this.keys;
    if (ref >>> 28 === 0) {
      this.#write(first, timeMs, attempt);
      this.keys.count = 1;
      this.position = 0;
      this.#oneShots.add(attempt.host);
      return;
    }
    const age = this.#nowMs - timeMs;
    let index = count;
    while (index > 0 && this.#isAfter(first + (index - 1) * ATTEMPT_WORDS, age, attempt)) index -= 1;
    const at = first + index * ATTEMPT_WORDS;
    if (index < count) words.copyWithin(at + ATTEMPT_WORDS, at, first + count * ATTEMPT_WORDS);
    this.#write(at, timeMs, attempt);
    this.keys.setCount(count + 1);
    this.position = index;
  }

  #isAfter(at: number, age: number, { idLow, idHigh }: AttemptNumbers): boolean {
    const other = this.#age(at);
    if (other !== age) return other < age;
    const { words } = this.keys;
    const otherHigh = (words[at + 2] as number) >>> 16;
    return otherHigh !== idHigh ? otherHigh > idHigh : (words[at + 1] as number) > idLow;
  }

  #write(at: number, timeMs: number, { idLow, idHigh, host, who }: AttemptNumbers): void {
    const { words } = this.keys;
    words[at] = timeMs;
    words[at + 1] = idLow;
    words[at + 2] = (idHigh << 16) | host;
    words[at + 3] = who;
  }

  #remove(ref: number): void {
    if (ref >>> 28 === 0) {
      this.keys.open(ref);
      this.#oneShots.remove(this.#hostOfOpened());
    }
    this.keys.remove(ref);
  }

  /** Removes a record if all of it is older than `maxAgeMs`, or what of it is; answers whether it was removed. */
  #visit(ref: number, maxAgeMs: number): boolean {
    this.keys.open(ref);
    this.#trim(maxAgeMs);
    if (this.keys.count > 0) return false;
    this.#remove(ref);
    return true;
  }

  /** After a leap of the clock: drops everything `nowMs` has left behind while its times can still be told. */
  #sweepAll(nowMs: number): void {
    const maxAgeMs = this.#reachMs - (nowMs - this.#nowMs);
    if (maxAgeMs < -MAX_AHEAD_MS) {
      this.clear(nowMs);
      return;
    }
    for (let cls = CLASSES - 1; cls >= 0; cls--) {
      for (let index = (this.keys.slabs[cls]?.length ?? 0) - 1; index >= 0; index--) {
        this.#visit(((cls << 28) | index) >>> 0, maxAgeMs);
      }
    }
    this.#startRound(nowMs);
  }

  /** Nothing out of reach is left: sweeping begins anew. */
  #startRound(nowMs: number): void {
    this.#sweepClass = -1;
    this.#sweepIndex = -1;
    this.#sweptMs = nowMs;
    this.#roundMs = nowMs;
  }

  /** Evicts until a record of this class fits; answers whether it had to. The key with this hash is spared. */
  #makeRoom(cls: number, low: number, high: number): boolean {
    if (this.keys.reserve(cls, low)) return false;
    while (!this.keys.reserve(cls, low)) {
      const victim = this.#victimClass();
      for (let tried = 0; !this.#evictFrom((victim + tried) % CLASSES, low, high); ) tried += 1;
    }
    return true;
  }

  #victimClass(): number {
    const { slabs } = this.keys;
    const oneShots = slabs[0] as Slab;
    if (oneShots.length > 0 && oneShots.chunks.length >= this.#pool.chunks * ONE_SHOT_PART) return 0;
    const more = slabs.findIndex((slab, cls) => cls > 0 && slab.length > 0);
    return Math.max(more, 0);
  }

  /** Evicts one record of a class, the one that came first; among one-shot keys one of a host above its share. */
  #evictFrom(cls: number, low: number, high: number): boolean {
    const slab = this.keys.slabs[cls] as Slab;
    for (let steps = 0; steps < slab.length; steps++) {
      if (slab.evictAt >= slab.length) slab.evictAt = 0;
      const ref = ((cls << 28) | slab.evictAt) >>> 0;
      slab.evictAt += 1;
      if (this.#visit(ref, this.#reachMs)) return true;
      const { words, at } = this.keys;
      if (words[at] === low >>> 0 && words[at + 1] === high >>> 0) continue;
      if (cls === 0 && !this.#oneShots.holdsShare(this.#hostOfOpened(), steps < FAIR_STEPS ? 1 : 0.5)) continue;
      this.#remove(ref);
      if (cls === 0) this.evictedOneShot += 1;
      else this.evictedOther += 1;
      return true;
    }
    return false;
  }
}
