/**
 * HalfSipHash-1-3 with 64 bits of output over the UTF-16LE bytes of a text (J.-P. Aumasson and D. J. Bernstein,
 * github.com/veorq/SipHash; 1-3 rounds are what hash tables of Rust and Python use). Who does not know the seed cannot
 * write texts that collide.
 *
 * The result is left in `low` and `high` (signed 32 bits each): a returned pair would cost an allocation per event. It
 * stays there for the next who asks for the same text: rules that group alike ask for one key in turn.
 */
export class KeyHash {
  low = 0;
  high = 0;
  readonly #seed0: number;
  readonly #seed1: number;
  #text: string | undefined;

  constructor(seed: readonly [number, number]) {
    this.#seed0 = seed[0] | 0;
    this.#seed1 = seed[1] | 0;
  }

  update(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    let v0 = this.#seed0;
    let v1 = this.#seed1 ^ 0xee;
    let v2 = 0x6c796765 ^ this.#seed0;
    let v3 = 0x74656462 ^ this.#seed1;
    const { length } = text;
    const last = length >>> 1;
    // One round for each word of two characters and for the last, which holds the length; then two times three.
    for (let round = 0; round < last + 7; round++) {
      let message = 0;
      if (round < last) {
        message = text.charCodeAt(round * 2) | (text.charCodeAt(round * 2 + 1) << 16);
      } else if (round === last) {
        message = length << 25;
        if (length & 1) message |= text.charCodeAt(length - 1);
      } else if (round === last + 1) {
        v2 ^= 0xee;
      } else if (round === last + 4) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v3 ^= message;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= message;
    }
    this.high = v1 ^ v3;
  }
}
