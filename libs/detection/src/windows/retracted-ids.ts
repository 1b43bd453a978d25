const MAX_IDS = 200_000;

interface Retracted {
  ids: Map<number, number>;
  lastMs: number;
}

/**
 * Ids of retracted attempts, so that a resend does not count them again; each is of use until its time is late.
 * At most 200,000; beyond that the key retracted longest ago is forgotten, and counted.
 */
export class RetractedIds {
  readonly #keys = new Map<string, Retracted>();
  #size = 0;
  /** Ids forgotten for want of room. */
  forgotten = 0;

  get size(): number {
    return this.#size;
  }

  remember(key: string, id: number, timeMs: number): void {
    const known = this.#keys.get(key) ?? { ids: new Map<number, number>(), lastMs: timeMs };
    this.#keys.delete(key);
    this.#keys.set(key, known);
    if (!known.ids.has(id)) this.#size += 1;
    known.ids.set(id, timeMs);
    known.lastMs = Math.max(known.lastMs, timeMs);
    if (this.#size > MAX_IDS) this.#makeRoom();
  }

  has(key: string, id: number, fromMs: number): boolean {
    if (this.#size === 0) return false;
    const timeMs = this.#keys.get(key)?.ids.get(id);
    return timeMs !== undefined && timeMs >= fromMs;
  }

  /** The attempt counts again. */
  forget(key: string, id: number): void {
    const known = this.#keys.get(key);
    if (!known?.ids.delete(id)) return;
    this.#size -= 1;
    if (known.ids.size === 0) this.#keys.delete(key);
  }

  /** Drops keys all of whose ids are older than `fromMs`, from the one retracted longest ago on. */
  expire(fromMs: number): void {
    for (const [key, { ids, lastMs }] of this.#keys) {
      if (lastMs >= fromMs) return;
      this.#keys.delete(key);
      this.#size -= ids.size;
    }
  }

  clear(): void {
    this.#keys.clear();
    this.#size = 0;
    this.forgotten = 0;
  }

  *entries(): Iterable<[key: string, id: number, timeMs: number]> {
    for (const [key, { ids }] of this.#keys) {
      for (const [id, timeMs] of ids) yield [key, id, timeMs];
    }
  }

  /** Drops a tenth at once: each walk from the oldest key on has to pass the places of those deleted before. */
  #makeRoom(): void {
    for (const [key, { ids }] of this.#keys) {
      if (this.#size <= MAX_IDS * 0.9) return;
      this.#keys.delete(key);
      this.#size -= ids.size;
      this.forgotten += ids.size;
    }
  }
}
