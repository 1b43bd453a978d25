/**
 * Where the line of each attempt stands, in 16 bytes an attempt: attempt ids are 48 bits, and a file number with an
 * offset below 2 TiB fits a double. Open addressing with linear probing, grown at two thirds.
 */
export class EvidenceIndex {
  #keys = new Float64Array(1 << 12).fill(-1);
  #places = new Float64Array(1 << 12);
  #size = 0;

  /** Remembers the place unless the attempt has one already; `better` replaces it. Answers whether it is new. */
  set(attemptId: string, file: number, offset: number, better: boolean): boolean {
    if (this.#size * 3 > this.#keys.length * 2) this.#grow();
    const key = Number.parseInt(attemptId, 16);
    const slot = this.#slotOf(key);
    const isNew = this.#keys[slot] === -1;
    if (isNew) this.#size++;
    if (isNew || better) {
      this.#keys[slot] = key;
      this.#places[slot] = file * FILE_UNIT + offset;
    }
    return isNew;
  }

  get(attemptId: string): { file: number; offset: number } | undefined {
    const key = Number.parseInt(attemptId, 16);
    const slot = this.#slotOf(key);
    if (this.#keys[slot] !== key) return undefined;
    const place = this.#places[slot] as number;
    return { file: Math.floor(place / FILE_UNIT), offset: place % FILE_UNIT };
  }

  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = (key ^ (key / 0x1_0000_0000)) & mask;
    while (this.#keys[slot] !== -1 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const places = this.#places;
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#places = new Float64Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue;
      const slot = this.#slotOf(keys[i] as number);
      this.#keys[slot] = keys[i] as number;
      this.#places[slot] = places[i] as number;
    }
  }
}

/** 2 TiB a file, 4,096 files: together 2^53. */
const FILE_UNIT = 2 ** 41;
export const MAX_FILES = 4_096;
