/**
 * A set of ids by 64-bit hash, 8 bytes a slot, that may say "perhaps" for an id it does not hold (never the reverse), so
 * that most new events need no look into the file.
 */
export class IdFilter {
  #slots = new Uint32Array(2 * 1_024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  mayHave(id: string): boolean {
    const [first, second] = hash(id);
    return this.#slots[this.#find(this.#slots, first, second) + 1] !== 0;
  }

  add(id: string): void {
    const [first, second] = hash(id);
    this.#put(this.#slots, first, second);
    if (this.#size * 3 > this.#slots.length) this.#grow();
  }

  #put(slots: Uint32Array, first: number, second: number): void {
    const at = this.#find(slots, first, second);
    if (slots[at + 1] === 0) this.#size++;
    slots[at] = first;
    slots[at + 1] = second;
  }

  /** Where the hash is, or the free place (second half 0) where it belongs. */
  #find(slots: Uint32Array, first: number, second: number): number {
    const mask = slots.length / 2 - 1;
    let place = first & mask;
    while (slots[2 * place + 1] !== 0) {
      if (slots[2 * place] === first && slots[2 * place + 1] === second) break;
      place = (place + 1) & mask;
    }
    return 2 * place;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Uint32Array(old.length * 2);
    this.#size = 0;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== 0) this.#put(slots, old[at] as number, old[at + 1] as number);
    }
    this.#slots = slots;
  }
}

/** Two 32-bit hashes in one pass (multiply and xor, murmur's finish); the second is never 0. */
function hash(text: string): [number, number] {
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    first = Math.imul(first ^ code, 0x9e3779b1);
    second = Math.imul(second ^ code, 0x5f356495);
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
  second = Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return [first >>> 0, second >>> 0 || 1];
}
