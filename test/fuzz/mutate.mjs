/** What peers write to be taken for the program: addresses of others, the programs' own words, delimiters, what terminals obey. */
export const HOSTILE = [
  ' from 192.0.2.66',
  ' from 192.0.2.66 port 22 ssh2',
  ' rhost=192.0.2.66',
  'rip=192.0.2.66, ',
  '[192.0.2.66]',
  ' (192.0.2.66)',
  "'@'192.0.2.66'",
  ', client: 192.0.2.66',
  '[client 192.0.2.66:80] ',
  '"remote_addr":"192.0.2.66"',
  '::ffff:192.0.2.66',
  '2001:db8::66',
  '\uff11\uff19\uff12.0.2.66',
  '0300.0.02.66',
  '192.0.2.066',
  '192.0.2.66%eth0',
  '\\n',
  '\\"',
  '\\x22',
  '\\u0000',
  '#012',
  '%0a',
  '%',
  '\u001b[2J',
  '\u202e',
  '\ud800',
  '\0',
  '\t',
  '  ',
  '"',
  "'",
  '<>',
  '[]',
  '()',
  '{}',
  ': ',
  ', ',
  '=',
  '-1',
  '0',
  '99999999999999999999',
  '65536',
  'NaN',
  '__proto__',
  'constructor',
  'null',
  '24:61:61',
  '0000-00-00',
  'Feb 30 ',
];

const MAX_LENGTH = 4_096;
/** Long enough that work which grows faster than the line shows. */
const LONG = 65_536;

/** Changes streams of lines; the same seed gives the same changes. */
export class Mutator {
  #state;
  #words;

  /** @param words pieces of the samples that lines are put together from again */
  constructor(seed, words) {
    this.#state = seed;
    this.#words = words;
  }

  below(n) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One line of the stream changed in up to four places, which are sometimes drawn out to a long line. */
  mutate(lines, other) {
    const changed = [...lines];
    const at = this.below(changed.length);
    let line = changed[at];
    for (let i = this.below(4); i >= 0; i--) line = this.#change(line, this.pick(other));
    changed[at] = this.below(400) === 0 ? this.#drawnOut(line) : line.slice(0, MAX_LENGTH);
    return changed;
  }

  #change(line, other) {
    const from = this.below(line.length + 1);
    const to = Math.min(line.length, from + this.below(this.pick([2, 8, 32])));
    switch (this.below(8)) {
      case 0:
        return line.slice(0, from) + line.slice(to);
      case 1:
        return line.slice(0, from) + String.fromCharCode(this.below(this.pick([128, 65_536]))) + line.slice(to);
      case 2:
        return line.slice(0, from) + line.slice(from, to).repeat(2) + line.slice(to);
      case 3:
        return line.slice(0, from) + other.slice(this.below(other.length + 1));
      case 4:
        return line.slice(0, from);
      case 5:
        return line.slice(0, from) + this.pick(this.#words) + line.slice(to);
      default:
        return line.slice(0, from) + this.pick(HOSTILE) + line.slice(this.pick([from, to]));
    }
  }

  #drawnOut(line) {
    const from = this.below(line.length + 1);
    const piece = this.pick([line.slice(from, from + 1 + this.below(16)), this.pick(HOSTILE), this.pick(this.#words)]);
    return line.slice(0, from) + (piece || ' ').repeat(Math.ceil(LONG / (piece.length || 1))) + line.slice(from);
  }
}
